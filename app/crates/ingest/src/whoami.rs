//! The answer of a who-am-I endpoint like `/api/ip`: the pod's own address, and who called it.

use crate::json::Json;
use std::net::IpAddr;
use underlay_model::address::parse_address;
use underlay_model::inventory::Whoami;

/// Whether an object is such an answer.
pub(crate) fn is_answer(value: &Json<'_>) -> bool {
    let has = |key: &str| value.get(key).as_str().is_some();
    has("your_address") && (has("my_private_ip") || has("host") || has("x-forwarded-for"))
}

pub(crate) fn read(value: &Json<'_>) -> Whoami {
    let address = |key: &str| value.get(key).as_str().and_then(|text| parse_address(text.trim().as_bytes()));
    let forwarded = value.get("x-forwarded-for");
    let texts = forwarded.elements().filter_map(Json::as_str).chain(forwarded.as_str());
    Whoami {
        host: value.get("host").text(),
        own_address: address("my_private_ip"),
        caller_address: address("your_address"),
        forwarded_for: texts.flat_map(addresses).collect(),
    }
}

/// Addresses in a text like `['1.2.3.4', '10.0.0.1']` or `1.2.3.4, 10.0.0.1:443`.
fn addresses(text: &str) -> Vec<IpAddr> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '\'' | '"' | ',' | ';'))
        .filter_map(|word| {
            parse_address(word.as_bytes())
                .or_else(|| word.rsplit_once(':').and_then(|(host, _)| parse_address(host.as_bytes())))
        })
        .collect()
}
