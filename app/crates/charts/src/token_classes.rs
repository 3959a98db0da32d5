//! Colours as classes. Plotters writes numeric colours; each token gets a colour of its own that no one sees, and its attributes are
//! replaced by a class, so that one text serves both themes and forced colours.

use plotters::style::RGBColor;

/// Tokens that charts use, with the colours that stand for them inside plotters.
const TOKENS: [(&str, RGBColor); 13] = [
    ("user", RGBColor(1, 0, 0)),
    ("user-dim", RGBColor(2, 0, 0)),
    ("line-1", RGBColor(3, 0, 0)),
    ("line-3", RGBColor(4, 0, 0)),
    ("denied", RGBColor(5, 0, 0)),
    ("healthy", RGBColor(6, 0, 0)),
    ("degraded", RGBColor(7, 0, 0)),
    ("failing", RGBColor(8, 0, 0)),
    ("probe", RGBColor(9, 0, 0)),
    ("accent", RGBColor(10, 0, 0)),
    ("ghost", RGBColor(11, 0, 0)),
    ("fg-3", RGBColor(12, 0, 0)),
    ("line-2", RGBColor(13, 0, 0)),
];

/// The colour that stands for a token inside plotters.
pub(crate) fn stand_in(token: &str) -> RGBColor {
    TOKENS.iter().find(|(name, _)| *name == token).map_or(RGBColor(0, 0, 0), |(_, colour)| *colour)
}

/// Replaces the stand-ins by classes.
pub(crate) fn with_classes(svg: &str) -> String {
    let mut out = svg.to_owned();
    for (token, RGBColor(r, g, b)) in TOKENS {
        out = out.replace(&format!("fill=\"#{r:02X}{g:02X}{b:02X}\""), &format!("class=\"f-{token}\""));
        out = out.replace(&format!("stroke=\"#{r:02X}{g:02X}{b:02X}\""), &format!("class=\"c-{token}\""));
    }
    out
}

/// Names of the tokens whose classes a chart may have.
pub const TOKEN_NAMES: [&str; TOKENS.len()] = {
    let mut names = [""; TOKENS.len()];
    let mut at = 0;
    while at < TOKENS.len() {
        names[at] = TOKENS[at].0;
        at += 1;
    }
    names
};
