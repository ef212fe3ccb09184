//! Style sheet, script and pictures, built into the binary and served under addresses that hold a hash of the content,
//! so that browsers may keep them for ever.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use poem::http::{StatusCode, header};
use poem::web::Path;
use poem::{Response, handler};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "src/web/assets"]
struct Files;

struct Asset {
    url: String,
    kind: &'static str,
    bytes: Vec<u8>,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let hash = hex::encode(file.metadata.sha256_hash().get(..6)?);
            let (stem, ext) = name.rsplit_once('.')?;
            let kind = match ext {
                "css" => "text/css; charset=utf-8",
                "js" => "text/javascript; charset=utf-8",
                "svg" => "image/svg+xml",
                "png" => "image/png",
                _ => "application/octet-stream",
            };
            let url = format!("/assets/{stem}.{hash}.{ext}");
            Some((name.to_string(), Asset { url, kind, bytes: file.data.into_owned() }))
        })
        .collect()
});

/// The address of an asset by its file name; an unknown name gives an address that answers 404.
#[must_use]
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/assets/unknown", |a| a.url.as_str())
}

/// GET /assets/:file
#[handler]
pub fn serve(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    match ASSETS.values().find(|a| a.url == wanted) {
        Some(a) => Response::builder()
            .content_type(a.kind)
            .header(header::CACHE_CONTROL, "public, max-age=31536000, immutable")
            .body(a.bytes.as_slice()),
        None => Response::builder().status(StatusCode::NOT_FOUND).finish(),
    }
}
