//! A chart as a file: values, or a picture with its labels and the colours of the theme in force written out.

use crate::export::{save_text, save_url};
use crate::wording::clock;
use leptos::prelude::*;
use std::fmt::Write as _;
use underlay_charts::{Anchor, Chart, token_of};
use underlay_model::charts::ChartData;
use underlay_model::time::minute_of;
use wasm_bindgen::prelude::*;

/// Saves a chart as `csv`, `svg` or `png`.
pub fn save(kind: &str, data: &ChartData, chart: &Chart, size: (u32, u32)) {
    let mut name = String::from("underlay-");
    name.extend(data.key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }));
    match kind {
        "csv" => save_text(&format!("{name}.csv"), "text/csv", &data.to_csv()),
        "svg" => save_text(&format!("{name}.svg"), "image/svg+xml", &picture(data, chart, size)),
        _ => save_pixels(format!("{name}.png"), &picture(data, chart, size), size),
    }
}

/// Height of the title and of the legend.
const HEAD: u32 = 24;
const FOOT: u32 = 24;

/// A picture that needs no style sheet.
fn picture(data: &ChartData, chart: &Chart, (width, height): (u32, u32)) -> String {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let colour = |token: &str| {
        let value = style.as_ref().and_then(|style| style.get_property_value(&format!("--{token}")).ok());
        value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).unwrap_or("#888".to_owned())
    };
    let inner = chart.svg.find("<svg").and_then(|at| chart.svg.get(at..)).unwrap_or_default();
    let mut inner = inner.replacen("<svg", &format!("<svg y=\"{HEAD}\""), 1);
    for token in underlay_charts::TOKEN_NAMES {
        inner = inner.replace(&format!("class=\"f-{token}\""), &format!("fill=\"{}\"", colour(token)));
        inner = inner.replace(&format!("class=\"c-{token}\""), &format!("stroke=\"{}\"", colour(token)));
    }
    let whole = height + HEAD + FOOT;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{whole}\" viewBox=\"0 0 {width} {whole}\" font-family=\"system-ui,sans-serif\" font-size=\"11\"><title>{}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>",
        escape(&chart.title),
        colour("sheet"),
    );
    let mut text = |x: f32, y: f32, anchor: &str, token: &str, text: &str| {
        // Writing into a string cannot fail.
        let _ = write!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{}\">{}</text>",
            colour(token),
            escape(text)
        );
    };
    text(4.0, 16.0, "start", "fg-1", &format!("{} {}", data.title, data.subject));
    let date = clock::in_force().date(minute_of(data.span.0));
    text(width as f32 - 4.0, 16.0, "end", "fg-3", &date);
    for label in &chart.labels {
        let anchor = match label.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        // Labels are placed by their middle.
        text(label.x, label.y + HEAD as f32 + 4.0, anchor, "fg-3", &label.text);
    }
    let mut x = 4.0;
    for series in &data.series {
        let y = (whole - 8) as f32;
        text(x, y, "start", token_of(series.tone), "\u{25A0}");
        text(x + 12.0, y, "start", "fg-2", &series.name);
        x += 26.0 + series.name.chars().count() as f32 * 6.0;
    }
    svg.push_str(&inner);
    svg.push_str("</svg>\n");
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Draws the picture on a canvas of twice its size, and saves that.
fn save_pixels(name: String, svg: &str, (width, height): (u32, u32)) {
    let (width, height) = (width * 2, (height + HEAD + FOOT) * 2);
    let Ok(image) = document().create_element("img") else { return };
    let source = format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(svg));
    let drawn = image.clone();
    let listener = gloo::events::EventListener::once(&image, "load", move |_| {
        let _ = pixels(&drawn, width, height).map(|url| save_url(&name, &url));
    });
    listener.forget();
    let _ = image.set_attribute("src", &source);
}

fn pixels(image: &web_sys::Element, width: u32, height: u32) -> Result<String, JsValue> {
    let canvas: web_sys::HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
    let draw: js_sys::Function = js_sys::Reflect::get(&context, &"drawImage".into())?.unchecked_into();
    let arguments = js_sys::Array::of5(image, &0.into(), &0.into(), &width.into(), &height.into());
    draw.apply(&context, &arguments)?;
    canvas.to_data_url()
}
