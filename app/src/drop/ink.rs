//! The ink picture: the outline of the topology, dashed where no file has filled it in, solid where one has. The letters are
//! those of the sources.

use leptos::prelude::*;

/// The lines, classed by the source that draws them (`sa`, `sf`, `sk`, `sm`).
const LINES: &str = r#"
<circle class="sa" cx="18" cy="104" r="15"/><path class="sa flow" d="M36 104H78"/>
<rect class="sa" x="80.5" y="71.5" width="76" height="65" rx="4"/><path class="quiet" d="M92 91.5h52M92 103.5h38M92 115.5h24"/>
<path class="sa flow" d="M158 104H198"/><rect class="sheet" x="198.5" y="8.5" width="92" height="191" rx="5"/>
<path class="sf flow" d="M280 60C346 60 346 34 412 34M280 60C346 60 346 80 412 80M280 60C346 60 346 128 412 128M280 60C346 60 346 174 412 174"/>
<path class="sf flow" d="M280 148C346 148 346 34 412 34M280 148C346 148 346 80 412 80M280 148C346 148 346 128 412 128M280 148C346 148 346 174 412 174"/>
<rect class="sf box" x="210.5" y="41.5" width="68" height="37" rx="4"/><path class="quiet" d="M222 56.5h34M222 65.5h20"/>
<rect class="sf box" x="210.5" y="129.5" width="68" height="37" rx="4"/><path class="quiet" d="M222 144.5h34M222 153.5h20"/>
<rect class="sk sheet" x="398.5" y="8.5" width="140" height="191" rx="5"/>
<rect class="sk box" x="412.5" y="17.5" width="112" height="33" rx="4"/><circle class="sh" cx="429" cy="34" r="5.5"/>
<path class="quiet" d="M446 34h22"/><path class="sm" d="M482 40l6-6 6 3 6-8 6 5 7-6"/>
<rect class="sk box" x="412.5" y="63.5" width="112" height="33" rx="4"/><circle class="sh" cx="429" cy="80" r="5.5"/>
<path class="quiet" d="M446 80h22"/><path class="sm" d="M482 86l6-6 6 3 6-8 6 5 7-6"/>
<rect class="sk box" x="412.5" y="111.5" width="112" height="33" rx="4"/><circle class="sh" cx="429" cy="128" r="5.5"/>
<path class="quiet" d="M446 128h22"/><path class="sm" d="M482 134l6-6 6 3 6-8 6 5 7-6"/>
<rect class="sk box" x="412.5" y="157.5" width="112" height="33" rx="4"/><circle class="sh" cx="429" cy="174" r="5.5"/>
<path class="quiet" d="M446 174h22"/><path class="sm" d="M482 180l6-6 6 3 6-8 6 5 7-6"/>
<path class="stem" d="M429 180V199M498 180V199"/>
"#;

const LETTERS: [(char, f32, f32); 5] =
    [('A', 118.0, 71.0), ('F', 346.0, 104.0), ('K', 468.0, 8.5), ('H', 429.0, 199.5), ('M', 498.0, 199.5)];

/// The picture. `reading` makes the letters of what is there larger, as on the import screen.
#[component]
pub fn Ink(loaded: Signal<Vec<char>>, reading: Signal<bool>) -> impl IntoView {
    let classes = move || {
        let mut classes = String::from("ink");
        for letter in loaded.get() {
            classes.push_str(&format!(" has-{}", letter.to_ascii_lowercase()));
        }
        if reading.get() {
            classes.push_str(" large");
        }
        classes
    };
    let letters = move || {
        let half = if reading.get() { 14.0 } else { 9.0 };
        LETTERS
            .map(|(letter, x, y)| {
                let name = letter.to_ascii_lowercase();
                view! {
                    <rect
                        class=format!("letter l-{name}")
                        x=x - half
                        y=y - half
                        width=half * 2.0
                        height=half * 2.0
                        rx="2.5"
                    ></rect>
                    <text class=format!("letter l-{name}") x=x y=y + half * 0.44>
                        {letter.to_string()}
                    </text>
                }
            })
            .collect_view()
    };
    let label = move || {
        let loaded = loaded.get();
        if loaded.is_empty() {
            "Outline of the picture that your files will fill in".to_owned()
        } else {
            let names: Vec<_> = loaded.iter().map(|&letter| crate::wording::source(letter)).collect();
            format!("Outline of the picture; filled in by {}", names.join(", "))
        }
    };
    view! {
        <svg class=classes viewBox="0 -8 540 228" role="img" aria-label=label>
            <g inner_html=LINES></g>
            {letters}
        </svg>
    }
}
