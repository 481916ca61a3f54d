CREATE TABLE cells (id text PRIMARY KEY, state text NOT NULL);
