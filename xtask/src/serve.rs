//! A static server for this machine only: the built page, as any web server would deliver it.

use crate::site;
use crate::steps::{Outcome, Steps};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use tiny_http::{Header, Method, Request, Response, Server};

const FIRST_PORT: u16 = 8321;

/// Builds the page and serves it until the process is ended.
pub fn serve(steps: &mut Steps, port: Option<u16>) -> Outcome {
    let site = site::build(steps)?;
    let server = match port {
        Some(port) => listen(port),
        None => (FIRST_PORT..FIRST_PORT + 50).map(listen).find(Result::is_ok).unwrap_or_else(|| listen(0)),
    }
    .map_err(|error| format!("no local port could be opened: {error}"))?;
    println!(
        "\nready after {}. Open this, and end with Ctrl-C:\n\n  http://{}/\n",
        steps.elapsed(),
        server.server_addr()
    );
    for request in server.incoming_requests() {
        // A browser that went away is its own affair.
        let _ = answer(&site.folder, request);
    }
    Ok(())
}

fn listen(port: u16) -> Result<Server, Box<dyn std::error::Error + Send + Sync>> {
    Server::http(("127.0.0.1", port))
}

fn answer(folder: &Path, request: Request) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    let opened = inside(folder, request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
    match opened {
        Some((file, path)) => {
            let mut response = Response::from_file(file);
            for (name, value) in [("Content-Type", content_type(&path)), ("Cache-Control", "no-cache")] {
                if let Ok(header) = Header::from_bytes(name, value) {
                    response.add_header(header);
                }
            }
            request.respond(response)
        }
        None => request.respond(Response::from_string("There is no such file.\n").with_status_code(404)),
    }
}

/// The file of an address, never one outside the folder.
fn inside(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_decoded(path)?;
    let relative = Path::new(decoded.trim_start_matches('/'));
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(relative);
    Some(if file.is_dir() { file.join("index.html") } else { file })
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serves_nothing_outside_its_folder() {
        let folder = Path::new("/site");
        assert_eq!(inside(folder, "/a%3Db/c.json?x"), Some(PathBuf::from("/site/a=b/c.json")));
        for url in ["/../etc/passwd", "/%2e%2e/etc/passwd", "/a/../../b", "/%zz"] {
            assert_eq!(inside(folder, url), None, "{url}");
        }
    }
}
