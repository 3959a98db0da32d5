//! The ALB controller's `/metrics` in the text format of Prometheus, or as a query of Prometheus answers: every sample is counted, those that
//! speak of endpoints and of the connection to Azure are kept.

use crate::documents::Walk;
use crate::json::Json;
use underlay_model::inventory::Fragment;
use underlay_model::metrics::{ControllerSample, Value};
use underlay_model::order::Order;

/// Samples that are kept, without the prefix that Managed Prometheus puts before them.
const KEPT: [&str; 8] = [
    "alb_connection_status",
    "alb_reconnection_count",
    "total_config_updates",
    "total_endpoint_updates",
    "total_deployments",
    "total_endpoints",
    "total_healthy_endpoints",
    "total_unhealthy_endpoints",
];
/// So many are kept: 5,000 endpoints at most belong to a gateway.
const MOST: usize = 20_000;

/// A line.
enum Line {
    Blank,
    Comment,
    Sample(Option<ControllerSample>),
    /// None of these.
    Other,
}

/// Whether a sample or a comment of this format begins here, and samples follow.
pub(crate) fn begins(text: &str, at: usize) -> bool {
    const LOOK: usize = 40;
    let rest = text.get(at..).unwrap_or_default();
    let first = rest.lines().next().unwrap_or_default();
    if !first.starts_with("# HELP ") && !first.starts_with("# TYPE ") && !matches!(line(first), Line::Sample(_)) {
        return false;
    }
    let (mut samples, mut other, mut comments) = (0, 0, 0);
    for text in rest.lines().take(LOOK) {
        match line(text) {
            Line::Sample(_) => samples += 1,
            Line::Other => other += 1,
            Line::Comment => comments += u64::from(text.starts_with("# HELP ") || text.starts_with("# TYPE ")),
            Line::Blank => {}
        }
    }
    (samples > 2 || (comments > 0 && samples > 0)) && samples + comments > 4 * other
}

/// Reads the samples that begin here; `input_place` says where a place of the text stands in the input. Gives the place behind them and their number.
pub(crate) fn read(
    text: &str,
    at: usize,
    walk: &mut Walk,
    fragment: &mut Fragment,
    input_place: &dyn Fn(u64) -> u64,
) -> (usize, u64) {
    let mut samples = 0;
    let mut end = at;
    let mut place = at;
    let mut broken: Vec<(usize, usize)> = Vec::new();
    for whole in text.get(at..).unwrap_or_default().split_inclusive('\n') {
        let next = place + whole.len();
        match line(whole) {
            Line::Sample(sample) => {
                samples += 1;
                let kept = &mut fragment.azure.controller_samples;
                if let Some(sample) = sample.filter(|_| kept.len() < MOST) {
                    kept.push(sample);
                    fragment.stands_at(input_place(place as u64));
                }
                // What stood between samples and is none is lost.
                walk.lost.extend(broken.drain(..).filter_map(|(a, b)| crate::documents::lost(text, a, b, false)));
                end = next;
            }
            Line::Comment | Line::Blank if broken.is_empty() => end = next,
            Line::Comment | Line::Blank => {}
            Line::Other if whole.starts_with(['{', '[']) || broken.len() > 100 => break,
            Line::Other => broken.push((place, next)),
        }
        place = next;
    }
    // The last line of a text that breaks off.
    if let [(from, to)] = broken.as_slice()
        && *to == text.len()
        && !text.ends_with('\n')
    {
        walk.lost.extend(crate::documents::lost(text, *from, *to, true));
        end = *to;
    }
    (end, samples)
}

fn line(text: &str) -> Line {
    let text = text.trim();
    if text.is_empty() {
        return Line::Blank;
    }
    if text.starts_with('#') {
        return Line::Comment;
    }
    sample(text).map_or(Line::Other, Line::Sample)
}

/// `name{label="value"} 12.5 1795165220517 # {trace="x"} 1`: the sample, if it is one that is kept; `None` when the line is none.
#[allow(clippy::option_option, reason = "a sample that is not kept is a sample")]
fn sample(text: &str) -> Option<Option<ControllerSample>> {
    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
    let length = text.bytes().take_while(letters).count();
    let (name, rest) = text.split_at(length);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut labels = Vec::new();
    let rest = match rest.trim_start().strip_prefix('{') {
        Some(inside) => read_labels(inside, &mut labels)?,
        None if rest.starts_with([' ', '\t']) => rest,
        None => return None,
    };
    // An exemplar may follow.
    let rest = rest.split_once(" # ").map_or(rest, |(before, _)| before);
    let mut words = rest.split_ascii_whitespace();
    let value = number(words.next()?)?;
    let time = match words.next() {
        None => None,
        Some(word) => Some(word.parse::<f64>().ok().filter(|time| time.is_finite())?),
    };
    if words.next().is_some() {
        return None;
    }
    Some(kept(name, labels, value, time.and_then(milliseconds)))
}

/// The sample, if it is one that is kept.
fn kept(name: &str, mut labels: Vec<(String, String)>, value: f64, time_ms: Option<i64>) -> Option<ControllerSample> {
    let plain = name.strip_prefix("alb_controller_").unwrap_or(name);
    let value = Value::new(value).filter(|_| KEPT.contains(&plain))?;
    labels.order();
    Some(ControllerSample { name: plain.to_owned(), labels, value, time_ms })
}

/// The series of a query's answer (`{"status":"success","data":{"resultType":"matrix","result":[…]}}`).
pub(crate) fn answered<'v, 't>(value: &'v Json<'t>) -> Option<impl Iterator<Item = &'v Json<'t>>> {
    let data = value.get("data");
    let has_series = matches!(data.get("resultType").as_str(), Some("matrix" | "vector"));
    (has_series && data.get("result").is_list()).then(|| data.list("result"))
}

/// Whether an object is a series of such an answer.
pub(crate) fn is_series(value: &Json<'_>) -> bool {
    let is_sample = |sample: &Json<'_>| sample.is_list();
    value.get("metric").is_object()
        && (value.get("value").is_list() || value.list("values").next().is_some_and(is_sample))
}

/// Reads a series of such an answer: its newest sample is kept. Gives how many it has.
pub(crate) fn read_series(series: &Json<'_>, fragment: &mut Fragment) -> u64 {
    let samples = || series.list("values").chain([series.get("value")]).filter(|sample| sample.is_list());
    let metric = series.get("metric");
    let is_label = |(name, _): &(&str, &Json<'_>)| *name != "__name__";
    let labels = metric.members_of().filter(is_label).map(|(name, value)| (name.to_owned(), value.text()));
    let labels: Vec<(String, String)> = labels.collect();
    let read = |sample: &Json<'_>| {
        let mut parts = sample.elements().map(Json::text);
        let time = parts.next()?.parse::<f64>().ok()?;
        kept(&metric.get("__name__").text(), labels.clone(), number(&parts.next()?)?, milliseconds(time))
    };
    let samples_kept = &mut fragment.azure.controller_samples;
    if samples_kept.len() < MOST {
        samples_kept.extend(samples().filter_map(read).max_by_key(|sample| sample.time_ms));
    }
    samples().count() as u64
}

/// Milliseconds as Prometheus writes them, or seconds with a fraction as OpenMetrics does.
fn milliseconds(time: f64) -> Option<i64> {
    let milliseconds = if time < 1e11 { time * 1000.0 } else { time };
    #[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
    (0.0..2.6e14).contains(&milliseconds).then_some(milliseconds as i64)
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        _ => text.parse().ok(),
    }
}

/// Reads `a="b",c="d"}`. Gives what is behind it.
fn read_labels<'t>(mut rest: &'t str, labels: &mut Vec<(String, String)>) -> Option<&'t str> {
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if let Some(behind) = rest.strip_prefix('}') {
            return Some(behind);
        }
        let (name, inside) = rest.split_once("=\"").filter(|(name, _)| !name.contains(['"', '{', '}', '\n']))?;
        let mut value = String::new();
        let mut letters = inside.char_indices();
        rest = loop {
            match letters.next()? {
                (at, '"') => break inside.get(at + 1..)?,
                (_, '\\') => match letters.next()?.1 {
                    'n' => value.push('\n'),
                    other => value.push(other),
                },
                (_, other) => value.push(other),
            }
        };
        labels.push((name.trim().to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn samples_are_read_with_labels_escapes_times_and_exemplars() {
        let kept =
            sample(r#"alb_controller_total_endpoints{b="x\"y\\z",a="n/s/80",} 4 1795165220517"#).unwrap().unwrap();
        assert_eq!(kept.name, "total_endpoints");
        assert_eq!(kept.labels, [("a".to_owned(), "n/s/80".to_owned()), ("b".to_owned(), "x\"y\\z".to_owned())]);
        assert_eq!((kept.value.get(), kept.time_ms), (4.0, Some(1_795_165_220_517)));
        for text in [
            "up 1",
            "a_bucket{le=\"+Inf\"} 3 # {trace_id=\"x\"} 0.5 1.5",
            "x NaN",
            "go:x -1e-3",
            "total_endpoints +Inf",
        ] {
            assert!(matches!(sample(text), Some(None)), "{text}");
        }
        for text in ["hello world", "a{b=\"c 1", "a", "1a 2", "a 1 2 3", "a{b} 1"] {
            assert!(sample(text).is_none(), "{text}");
        }
    }

    #[test]
    fn of_a_series_the_newest_sample_is_kept() {
        let text = r#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"__name__":"alb_controller_total_endpoints","service":"n/s/80"},"values":[[1795165220,"4"],[1795165280.5,"3"]]},
            {"metric":{"__name__":"up"},"value":[1795165220,"1"]}]}}"#;
        let value = crate::json::Cursor::new(text, 0).value().unwrap();
        let mut fragment = Fragment::default();
        // Loki answers in the same shape: its streams are lines of text.
        let lines = text.replace("matrix", "streams");
        assert!(answered(&crate::json::Cursor::new(&lines, 0).value().unwrap()).is_none());
        let counts: Vec<u64> = answered(&value).unwrap().map(|series| read_series(series, &mut fragment)).collect();
        assert_eq!(counts, [2, 1]);
        let [kept] = &fragment.azure.controller_samples[..] else { panic!("{fragment:?}") };
        assert_eq!(
            (kept.name.as_str(), kept.value.get(), kept.time_ms),
            ("total_endpoints", 3.0, Some(1_795_165_280_500))
        );
        assert_eq!(kept.labels, [("service".to_owned(), "n/s/80".to_owned())]);
    }

    proptest! {
        #[test]
        fn labels_come_back_as_they_were(value in "[a-z\"\\\\\n{}, =]{0,20}", number in -1e9..1e9f64) {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let text = format!("total_endpoints{{x=\"{escaped}\"}} {number}");
            let read = sample(&text).unwrap().unwrap();
            prop_assert_eq!(&read.labels, &[("x".to_owned(), value)]);
            prop_assert_eq!(read.value.get(), number);
        }

        #[test]
        fn nothing_breaks_it(text in "[a-z_]{0,5}[ {}=\",#\\\\0-9\n]{0,30}") {
            let mut walk = Walk::default();
            read(&text, 0, &mut walk, &mut Fragment::default(), &|at| at);
            begins(&text, 0);
        }
    }
}
