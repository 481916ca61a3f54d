CREATE FUNCTION note_rank(body text, query text) RETURNS real
LANGUAGE sql IMMUTABLE STRICT
RETURN ts_rank(to_tsvector('simple', body), plainto_tsquery('simple', query));
