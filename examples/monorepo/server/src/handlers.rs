use axum::{Json, extract::Path, http::StatusCode};

pub async fn check_health() -> StatusCode {
    StatusCode::OK
}

pub async fn list_cells() -> Json<Vec<String>> {
    Json(Vec::new())
}

pub async fn get_cell(Path(id): Path<String>) -> Json<String> {
    Json(id)
}

pub async fn put_cell(Path(_id): Path<String>) -> StatusCode {
    StatusCode::NO_CONTENT
}

pub async fn delete_cell(Path(_id): Path<String>) -> StatusCode {
    StatusCode::NO_CONTENT
}
