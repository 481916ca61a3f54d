CREATE FUNCTION cell_may_move(from_state text, to_state text) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT AS 'MODULE_PATHNAME', 'cell_may_move_wrapper';

CREATE FUNCTION cell_state_name(state text) RETURNS text
LANGUAGE c IMMUTABLE STRICT AS 'MODULE_PATHNAME', 'cell_state_name_wrapper';

CREATE VIEW cell_states AS SELECT id, cell_state_name(state) AS state FROM cells;
