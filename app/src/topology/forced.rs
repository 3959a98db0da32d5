//! The picture in forced colours: the system's few colours in place of the theme's. What told two things apart by colour is told by
//! form already: marks, dashes, dots, heads.

use leptos::prelude::*;
use underlay_scene::{Palette, Token};

/// The query that tells of forced colours.
pub const QUERY: &str = "(forced-colors: active)";

/// The system colour that stands for a token.
fn system(token: Token) -> &'static str {
    use Token::*;
    match token {
        Canvas | Sheet | Well | Chrome | Raised | Hover | Active | AccentBg | HealthyBg | DegradedBg | FailingBg
        | DeniedBg | UnknownBg | DegradedInk => "Canvas",
        Accent | AccentFg | Focus => "Highlight",
        OnAccent => "HighlightText",
        Line1 | Ghost => "GrayText",
        _ => "CanvasText",
    }
}

/// The system's colours, when it forces them.
pub fn palette() -> Option<Palette> {
    let forced = window().match_media(QUERY).ok().flatten().is_some_and(|query| query.matches());
    let body = document().body().filter(|_| forced)?;
    // A system colour has no number but in the computed style of an element that wears it.
    let worn = document().create_element("i").ok()?;
    body.append_child(&worn).ok()?;
    let names = ["Canvas", "CanvasText", "GrayText", "Highlight", "HighlightText"];
    let computed: Vec<(&str, String)> = names
        .into_iter()
        .map(|name| {
            // The policy forbids style attributes in text, not styles that code sets.
            let style = wasm_bindgen::JsCast::unchecked_ref::<web_sys::HtmlElement>(&worn).style();
            let _ = style.set_property("color", name);
            let style = window().get_computed_style(&worn).ok().flatten();
            (name, style.and_then(|style| style.get_property_value("color").ok()).unwrap_or_default())
        })
        .collect();
    worn.remove();
    Some(Palette::resolve(|token| {
        let name = system(token);
        computed.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }))
}
