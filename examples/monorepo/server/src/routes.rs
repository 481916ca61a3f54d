use axum::{Router, routing::get};

use crate::handlers::{check_health, delete_cell, get_cell, list_cells, put_cell};

pub fn router() -> Router {
    Router::new()
        .route("/health", get(check_health))
        .route("/cells", get(list_cells))
        .route("/cells/{id}", get(get_cell).put(put_cell).delete(delete_cell))
}
