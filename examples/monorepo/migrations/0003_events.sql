CREATE TABLE events (cell_id text NOT NULL REFERENCES cells (id), state text NOT NULL, at text NOT NULL);
CREATE INDEX events_by_cell ON events (cell_id, at);
