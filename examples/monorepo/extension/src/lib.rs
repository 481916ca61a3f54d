use pgrx::prelude::*;

pgrx::pg_module_magic!();

/// Whether a cell may go from one state to the other.
#[pg_extern(immutable, strict)]
fn cell_may_move(from_state: &str, to_state: &str) -> bool {
    from_state != to_state && from_state != "closed"
}

/// The state of a cell, lower case.
#[pg_extern(immutable, strict)]
fn cell_state_name(state: &str) -> String {
    state.to_lowercase()
}
