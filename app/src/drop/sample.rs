//! The sample capture: files of this site, listed by `samples/lab/index.json`, fetched by relative address so that the site
//! works under any path. The only requests the page makes after loading.

use crate::state::NamedFile;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, Response};

const FOLDER: &str = "samples/lab";

/// Paths of the sample's files inside its folder. The listing is `["a.json", …]`, or objects with `path`, or either under `files`.
fn listed(text: &str) -> Option<Vec<String>> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let list = value.as_array().or_else(|| value.get("files")?.as_array())?;
    list.iter()
        .map(|entry| entry.as_str().or_else(|| entry.get("path")?.as_str()).map(str::to_owned))
        .collect::<Option<Vec<_>>>()
}

async fn get(address: &str) -> Result<Response, JsValue> {
    let window = web_sys::window().ok_or("no window")?;
    let response: Response = JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()?;
    if response.ok() { Ok(response) } else { Err(format!("{address}: {}", response.status()).into()) }
}

/// Fetches all files of the sample, under the paths that the folder itself would have been dropped with.
pub async fn fetch() -> Result<Vec<NamedFile>, JsValue> {
    let listing = JsFuture::from(get(&format!("{FOLDER}/index.json")).await?.text()?).await?;
    let paths = listing.as_string().as_deref().and_then(listed).ok_or("the listing is not one")?;
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let address: String = path.split('/').map(encode).collect::<Vec<_>>().join("/");
        let blob: Blob = JsFuture::from(get(&format!("{FOLDER}/{address}")).await?.blob()?).await?.dyn_into()?;
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let file = File::new_with_blob_sequence(&Array::of1(&blob), &name)?;
        files.push(NamedFile { path: format!("lab/{path}"), file });
    }
    Ok(files)
}

/// `resourceId=` and blanks of blob paths are fine in a path but for their encoding.
fn encode(part: &str) -> String {
    js_sys::encode_uri_component(part).into()
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn the_listing_may_be_names_or_objects() {
        let expected = Some(vec!["a.json".to_owned(), "flows/PT1H.json".to_owned()]);
        assert_eq!(listed(r#"["a.json","flows/PT1H.json"]"#), expected);
        assert_eq!(listed(r#"{"files":[{"path":"a.json","bytes":1},{"path":"flows/PT1H.json"}]}"#), expected);
        assert_eq!(listed("{}"), None);
    }
}
