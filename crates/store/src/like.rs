//! Patterns of `LIKE`.

use sea_orm::sea_query::LikeExpr;

/// The pattern of texts that contain this one: `%`, `_` and the escape character itself are matched literally.
pub(crate) fn containing(text: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}
