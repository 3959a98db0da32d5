//! The view in the address bar: `#v1/topology?sel=pod:yada/x&range=29402340-29402369&hide=egress,platform&cam=1,0,0`. A change
//! of what is looked at is a step that Back undoes; a moved camera only replaces the last step.

use super::{CameraWish, ChartsPage, Looking, Screen, Selection, SettledCamera, View, hidden_at_first};
use gloo::events::EventListener;
use leptos::prelude::*;
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, EntityKey, MinuteRange};
use wasm_bindgen::JsValue;

const VERSION: &str = "v1";

/// Everything of a view that an address can say.
#[derive(Clone, Debug, Default, PartialEq)]
struct Address {
    screen: Screen,
    page: ChartsPage,
    selection: Option<Selection>,
    range: Option<MinuteRange>,
    hidden: Option<Vec<EdgeKind>>,
    finding: Option<String>,
    looking: Looking,
    camera: Option<SettledCamera>,
}

fn layer_name(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::User => "user",
        EdgeKind::Probe => "probe",
        EdgeKind::Denied => "denied",
        EdgeKind::Absent => "absent",
        EdgeKind::Platform => "platform",
        EdgeKind::Egress => "egress",
        EdgeKind::Internal => "internal",
        EdgeKind::Inferred => "inferred",
    }
}

fn layer_of(name: &str) -> Option<EdgeKind> {
    super::LAYERS.into_iter().find(|&kind| layer_name(kind) == name)
}

/// Escapes what would end a value of an address; slashes and colons stay readable.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' | b':' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code =
            (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Address {
    fn write(&self) -> String {
        let screen = match self.screen {
            Screen::Landing => return String::new(),
            Screen::Import => "import",
            Screen::Topology => "topology",
            Screen::Table => "table",
            Screen::Charts => "charts",
        };
        let mut parts = Vec::new();
        match self.page {
            ChartsPage::Charts => {}
            ChartsPage::Matrix => parts.push("page=matrix".to_owned()),
            ChartsPage::Requests => parts.push("page=requests".to_owned()),
        }
        match &self.selection {
            Some(Selection::Entity(key)) => parts.push(format!("sel={}", escape(&key.0))),
            Some(Selection::Edge { source, target, kind }) => {
                parts.push(format!("edge={}~{}~{}", layer_name(*kind), escape(&source.0), escape(&target.0)));
            }
            None => {}
        }
        if let Some(range) = self.range {
            parts.push(format!("range={}-{}", range.first, range.last));
        }
        if let Some(hidden) = self.hidden.as_ref().filter(|hidden| **hidden != sorted(hidden_at_first())) {
            let names: Vec<_> = hidden.iter().map(|&kind| layer_name(kind)).collect();
            parts.push(format!("hide={}", names.join(",")));
        }
        if let Some(finding) = &self.finding {
            parts.push(format!("finding={}", escape(finding)));
        }
        self.looking.write(&mut parts, escape);
        if let Some(camera) = self.camera {
            parts.push(format!("cam={:.4},{:.1},{:.1}", camera.scale, camera.x, camera.y));
        }
        let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
        format!("#{VERSION}/{screen}{query}")
    }

    /// Reads what it can; an unknown version or word is as if it were not there.
    fn read(hash: &str) -> Self {
        let mut address = Self::default();
        let Some(rest) = hash.trim_start_matches('#').strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('/'))
        else {
            return address;
        };
        let (screen, query) = rest.split_once('?').unwrap_or((rest, ""));
        address.screen = match screen {
            "import" => Screen::Import,
            "topology" => Screen::Topology,
            "table" => Screen::Table,
            "charts" => Screen::Charts,
            _ => Screen::Landing,
        };
        for part in query.split('&') {
            let Some((name, value)) = part.split_once('=') else { continue };
            match name {
                "page" => {
                    address.page = match value {
                        "matrix" => ChartsPage::Matrix,
                        "requests" => ChartsPage::Requests,
                        _ => ChartsPage::Charts,
                    }
                }
                "sel" => address.selection = Some(Selection::Entity(EntityKey(unescape(value)))),
                "edge" => address.selection = read_edge(value),
                "range" => address.range = read_range(value),
                "hide" => address.hidden = Some(sorted(value.split(',').filter_map(layer_of).collect())),
                "finding" => address.finding = Some(unescape(value)).filter(|name| !name.is_empty()),
                "cam" => address.camera = read_camera(value),
                _ => address.looking.read(name, value, unescape),
            }
        }
        address
    }
}

fn read_edge(value: &str) -> Option<Selection> {
    let mut parts = value.split('~');
    let (kind, source, target) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Selection::Edge {
        source: EntityKey(unescape(source)),
        target: EntityKey(unescape(target)),
        kind: layer_of(kind)?,
    })
}

fn read_range(value: &str) -> Option<MinuteRange> {
    let (first, last) = value.split_once('-')?;
    let range = MinuteRange { first: first.parse().ok()?, last: last.parse().ok()? };
    (range.first <= range.last).then_some(range)
}

fn read_camera(value: &str) -> Option<SettledCamera> {
    let mut numbers = value.split(',').map(|text| text.parse::<f64>().ok().filter(|n| n.is_finite()));
    let camera = SettledCamera { scale: numbers.next()??, x: numbers.next()??, y: numbers.next()?? };
    (camera.scale > 0.0).then_some(camera)
}

fn sorted(mut kinds: Vec<EdgeKind>) -> Vec<EdgeKind> {
    kinds.order();
    kinds.dedup();
    kinds
}

fn current(view: View) -> Address {
    Address {
        screen: view.screen.get(),
        page: view.charts_page.get(),
        selection: view.selection.get(),
        range: view.range.get(),
        hidden: Some(sorted(view.hidden.get())),
        finding: view.finding.get(),
        looking: view.looking.get(),
        camera: view.camera.get(),
    }
}

fn apply(view: View, address: Address, has_capture: bool) {
    // Without a capture there is nothing to look at; what the address asks for is kept until there is.
    let screen = if has_capture { address.screen } else { Screen::Landing };
    if view.screen.get_untracked() != screen {
        view.screen.set(screen);
    }
    if view.charts_page.get_untracked() != address.page {
        view.charts_page.set(address.page);
    }
    if view.selection.get_untracked() != address.selection {
        view.selection.set(address.selection);
    }
    if view.range.get_untracked() != address.range {
        view.range.set(address.range);
    }
    let hidden = address.hidden.unwrap_or_else(|| sorted(hidden_at_first()));
    if sorted(view.hidden.get_untracked()) != hidden {
        view.hidden.set(hidden);
    }
    if view.finding.get_untracked() != address.finding {
        view.finding.set(address.finding);
    }
    if view.looking.get_untracked() != address.looking {
        view.looking.set(address.looking);
    }
    if view.camera.get_untracked() != address.camera {
        view.camera_wanted.set(Some(address.camera.map_or(CameraWish::Fit, CameraWish::Exactly)));
        view.camera.set(address.camera);
    }
}

/// Writes an address into the bar: as a step that Back undoes, or in place of the last one.
fn note(url: &str, step: bool) {
    let Ok(history) = window().history() else { return };
    // Browsers refuse when a page does this hundreds of times a minute; then the address is a little old.
    let _ = if step {
        history.push_state_with_url(&JsValue::NULL, "", Some(url))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(url))
    };
}

/// Reads the address once, then keeps it and the view in step, both ways. `has_capture` says whether there is anything to
/// look at yet.
pub fn keep_address(view: View, has_capture: impl Fn() -> bool + Copy + 'static) {
    let hash = || window().location().hash().unwrap_or_default();
    apply(view, Address::read(&hash()), has_capture());
    let under_way = StoredValue::new(0u32);
    Effect::new(move |before: Option<Address>| {
        let now = current(view);
        let text = now.write();
        // While steps are still to be noted, the last of them is where the bar will be.
        let noted = match &before {
            Some(before) if under_way.get_value() > 0 => before.write(),
            _ => hash(),
        };
        // An address that asked for a capture stays as it is until there is one.
        if text == noted || (now.screen == Screen::Landing && before.is_none()) {
            return now;
        }
        let step =
            before.is_none_or(|before| Address { camera: None, ..before } != Address { camera: None, ..now.clone() });
        let url = if text.is_empty() { window().location().pathname().unwrap_or_default() } else { text };
        // The browser takes its time over it, which nothing that is shown waits for.
        under_way.update_value(|steps| *steps += 1);
        let act = move || {
            under_way.update_value(|steps| *steps -= 1);
            note(&url, step);
        };
        gloo::timers::callback::Timeout::new(0, act).forget();
        now
    });
    EventListener::new(&window(), "popstate", move |_| apply(view, Address::read(&hash()), has_capture())).forget();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_the_whole_view() {
        let address = Address {
            screen: Screen::Topology,
            selection: Some(Selection::Entity(EntityKey("pod:yada/a b&c~d".to_owned()))),
            range: Some(MinuteRange { first: 29_402_340, last: 29_402_369 }),
            hidden: Some(vec![EdgeKind::User, EdgeKind::Probe]),
            finding: Some("gateway-denied 10.13.100.0/24, yada & co".to_owned()),
            camera: Some(SettledCamera { scale: 1.5, x: -20.0, y: 3.5 }),
            ..Address::default()
        };
        assert_eq!(Address::read(&address.write()), address);
        let edge = Address {
            screen: Screen::Charts,
            page: ChartsPage::Matrix,
            selection: Some(Selection::Edge {
                source: EntityKey("instance:10.13.100.6".to_owned()),
                target: EntityKey("pod:yada/x".to_owned()),
                kind: EdgeKind::User,
            }),
            ..Address::default()
        };
        assert_eq!(Address::read(&edge.write()), edge);
    }

    #[test]
    fn an_address_that_means_nothing_is_the_empty_page() {
        for text in ["", "#", "#v2/topology?sel=x", "#v1/nowhere", "#v1/topology?range=5-3&cam=NaN,0,0&edge=user~a"] {
            let address = Address::read(text);
            assert_eq!((address.selection, address.range, address.camera), (None, None, None), "{text}");
        }
    }
}
