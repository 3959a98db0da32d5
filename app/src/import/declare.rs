//! What the user declares because no file names it: the gateway's subnet, ranges of pods. The same as the command's options
//! `--gateway-subnet` and `--pod-cidr`; lasts as long as the capture.

use crate::frame::Icon;
use crate::state::use_capture;
use leptos::prelude::*;
use underlay_model::IpNet;
use underlay_model::view::CaptureOptions;

/// The prefix that somebody typed, as its network. Errors with a sentence and the way on.
pub fn prefix(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("A prefix is missing, such as 10.224.0.0/16.".to_owned());
    }
    let Some((address, length)) = text.split_once('/') else {
        return Err(format!("{text} has no length. Did you mean {text}/24?"));
    };
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return Err(format!("{address} is not an address."));
    };
    let (most, name) = if address.is_ipv4() { (32, "IPv4") } else { (128, "IPv6") };
    match length.parse::<u8>() {
        Ok(length) if length <= most => {
            IpNet::new(address, length).map(|net| net.trunc()).map_err(|_| format!("{text} is not a prefix."))
        }
        _ => Err(format!("A prefix ends at /{most} for {name}. Did you mean /24?")),
    }
}

type Pick = fn(&mut CaptureOptions) -> &mut Vec<IpNet>;

/// One kind of range: those that are declared, and a field for another.
#[component]
fn Ranges(id: &'static str, label: &'static str, example: &'static str, pick: Pick) -> impl IntoView {
    let capture = use_capture();
    let text = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<String>);
    let listed = move || {
        let mut options = capture.options.get();
        pick(&mut options).clone()
    };
    let add = move || match prefix(&text.get_untracked()) {
        Err(sentence) => trouble.set(Some(sentence)),
        Ok(net) => {
            trouble.set(None);
            text.set(String::new());
            let mut options = capture.options.get_untracked();
            let list = pick(&mut options);
            if !list.contains(&net) {
                list.push(net);
            }
            capture.declare(options);
        }
    };
    let remove = move |net: IpNet| {
        let mut options = capture.options.get_untracked();
        pick(&mut options).retain(|known| *known != net);
        capture.declare(options);
    };
    let error_id = format!("{id}-error");
    view! {
        <div class="range">
            <label for=id>{label}</label>
            <div class="range-line">
                <input
                    id=id
                    class="field mono"
                    data-testid=id
                    placeholder=example
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=move || trouble.with(Option::is_some).to_string()
                    aria-describedby=error_id.clone()
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            add();
                        }
                    }
                />
                <button class="btn" aria-label=format!("Declare: {label}") on:click=move |_| add()>"Declare"</button>
            </div>
            <p id=error_id class="t-failing" role="alert">{move || trouble.get()}</p>
            <ul>
                {move || {
                    listed()
                        .into_iter()
                        .map(|net| {
                            view! {
                                <li>
                                    <span class="mono">{net.to_string()}</span>
                                    <span class="faint">"declared"</span>
                                    <button
                                        class="ib"
                                        aria-label=format!("Withdraw {net}")
                                        title="Withdraw"
                                        on:click=move |_| remove(net)
                                    >
                                        <Icon name="x"/>
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </div>
    }
}

/// The part of the import screen where ranges are declared.
#[component]
pub fn Declare() -> impl IntoView {
    view! {
        <section class="declare" aria-labelledby="declare-title" data-testid="declare">
            <h2 id="declare-title">"Ranges that no file names"</h2>
            <Ranges id="declare-gateway" label="Subnet of the gateway" example="10.225.0.0/24" pick=|o| &mut o.gateway_subnets/>
            <Ranges id="declare-pods" label="Range of pod addresses" example="10.244.0.0/16" pick=|o| &mut o.pod_cidrs/>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn a_prefix_is_its_network_and_anything_else_says_the_way_on() {
        assert_eq!(prefix(" 10.1.2.3/24 ").map(|net| net.to_string()), Ok("10.1.2.0/24".to_owned()));
        assert_eq!(prefix("fd00::1/64").map(|net| net.to_string()), Ok("fd00::/64".to_owned()));
        for (text, sentence) in [
            ("", "A prefix is missing, such as 10.224.0.0/16."),
            ("10.0.0.0", "10.0.0.0 has no length. Did you mean 10.0.0.0/24?"),
            ("10.0.0.0/33", "A prefix ends at /32 for IPv4. Did you mean /24?"),
            ("10.0.0/8", "10.0.0 is not an address."),
            ("10.0.0.0/x", "A prefix ends at /32 for IPv4. Did you mean /24?"),
        ] {
            assert_eq!(prefix(text), Err(sentence.to_owned()), "{text}");
        }
    }
}
