//! The design's colour tokens by name. Display lists carry tokens, never values, so that one list serves every theme and forced
//! colours; a host that paints pixels or writes a file resolves them through a [`Palette`].

/// A colour of the design. The name in CSS is [`Token::css`] after two dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[rustfmt::skip]
#[allow(missing_docs, reason = "the names are the style sheet's")]
pub enum Token {
    Canvas, Sheet, Well, Chrome, Raised, Hover, Active,
    Line1, Line2, Line3,
    Fg1, Fg2, Fg3,
    Accent, AccentFg, AccentBg, OnAccent, Focus,
    Healthy, HealthyFg, HealthyBg, HealthyQuiet,
    Degraded, DegradedLine, DegradedInk, DegradedFg, DegradedBg,
    Failing, FailingFg, FailingBg,
    Denied, DeniedFg, DeniedBg,
    Unknown, UnknownFg, UnknownBg,
    User, UserDim, Probe, Ghost,
    Recess,
}

#[rustfmt::skip]
impl Token {
    /// Every token, in the order of the style sheet.
    pub const ALL: [Self; 41] = [
        Self::Canvas, Self::Sheet, Self::Well, Self::Chrome, Self::Raised, Self::Hover, Self::Active,
        Self::Line1, Self::Line2, Self::Line3,
        Self::Fg1, Self::Fg2, Self::Fg3,
        Self::Accent, Self::AccentFg, Self::AccentBg, Self::OnAccent, Self::Focus,
        Self::Healthy, Self::HealthyFg, Self::HealthyBg, Self::HealthyQuiet,
        Self::Degraded, Self::DegradedLine, Self::DegradedInk, Self::DegradedFg, Self::DegradedBg,
        Self::Failing, Self::FailingFg, Self::FailingBg,
        Self::Denied, Self::DeniedFg, Self::DeniedBg,
        Self::Unknown, Self::UnknownFg, Self::UnknownBg,
        Self::User, Self::UserDim, Self::Probe, Self::Ghost,
        Self::Recess,
    ];

    /// The name of the custom property without its dashes: `line-2`; also usable as a class name.
    pub fn css(self) -> &'static str {
        match self {
            Self::Canvas => "canvas", Self::Sheet => "sheet", Self::Well => "well", Self::Chrome => "chrome",
            Self::Raised => "raised", Self::Hover => "hover", Self::Active => "active",
            Self::Line1 => "line-1", Self::Line2 => "line-2", Self::Line3 => "line-3",
            Self::Fg1 => "fg-1", Self::Fg2 => "fg-2", Self::Fg3 => "fg-3",
            Self::Accent => "accent", Self::AccentFg => "accent-fg", Self::AccentBg => "accent-bg",
            Self::OnAccent => "on-accent", Self::Focus => "focus",
            Self::Healthy => "healthy", Self::HealthyFg => "healthy-fg", Self::HealthyBg => "healthy-bg",
            Self::HealthyQuiet => "healthy-quiet",
            Self::Degraded => "degraded", Self::DegradedLine => "degraded-line", Self::DegradedInk => "degraded-ink",
            Self::DegradedFg => "degraded-fg", Self::DegradedBg => "degraded-bg",
            Self::Failing => "failing", Self::FailingFg => "failing-fg", Self::FailingBg => "failing-bg",
            Self::Denied => "denied", Self::DeniedFg => "denied-fg", Self::DeniedBg => "denied-bg",
            Self::Unknown => "unknown", Self::UnknownFg => "unknown-fg", Self::UnknownBg => "unknown-bg",
            Self::User => "user", Self::UserDim => "user-dim", Self::Probe => "probe", Self::Ghost => "ghost",
            Self::Recess => "recess",
        }
    }
}

/// Tokens resolved to red, green, blue, alpha.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    colours: [[u8; 4]; Token::ALL.len()],
}

impl Palette {
    /// A palette from what the host knows of each token, such as computed style values. Unreadable values become transparent.
    pub fn resolve<'a>(mut value: impl FnMut(Token) -> &'a str) -> Self {
        let mut colours = [[0; 4]; Token::ALL.len()];
        for token in Token::ALL {
            colours[token as usize] = parse_colour(value(token)).unwrap_or_default();
        }
        Self { colours }
    }

    /// The design's dark theme.
    pub fn dark() -> Self {
        Self::from_table(&DARK)
    }

    /// The design's light theme.
    pub fn light() -> Self {
        Self::from_table(&LIGHT)
    }

    /// The colour of a token.
    pub fn rgba(&self, token: Token) -> [u8; 4] {
        self.colours[token as usize]
    }

    /// The colour as `#rrggbb` or `rgba(r,g,b,a)`.
    pub fn css(&self, token: Token) -> String {
        let [r, g, b, a] = self.rgba(token);
        if a == 255 {
            format!("#{r:02x}{g:02x}{b:02x}")
        } else {
            format!("rgba({r},{g},{b},{:.2})", f32::from(a) / 255.0)
        }
    }

    /// The colour of a token made fainter, 0 to 1.
    pub fn faint(&self, token: Token, opacity: f32) -> [u8; 4] {
        let [red, green, blue, alpha] = self.rgba(token);
        [red, green, blue, (f32::from(alpha) * opacity.clamp(0.0, 1.0)) as u8]
    }

    fn from_table(table: &[(Token, u32)]) -> Self {
        let mut colours = [[0; 4]; Token::ALL.len()];
        for (token, rgba) in table {
            colours[*token as usize] = rgba.to_be_bytes();
        }
        Self { colours }
    }
}

/// Reads `#rgb`, `#rrggbb`, `rgb(…)` and `rgba(…)`, the forms that style sheets and browsers give.
fn parse_colour(text: &str) -> Option<[u8; 4]> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix('#') {
        let digit = |i: usize| hex.get(i..=i).and_then(|d| u8::from_str_radix(d, 16).ok());
        return match hex.len() {
            3 => Some([digit(0)? * 17, digit(1)? * 17, digit(2)? * 17, 255]),
            6 => {
                let pair = |i: usize| Some(digit(i)? * 16 + digit(i + 1)?);
                Some([pair(0)?, pair(2)?, pair(4)?, 255])
            }
            _ => None,
        };
    }
    let inner = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb("))?.strip_suffix(')')?;
    let mut parts = inner.split([',', ' ', '/']).filter(|part| !part.is_empty());
    let mut channel = || parts.next()?.parse::<f32>().ok();
    let (r, g, b) = (channel()?, channel()?, channel()?);
    let alpha = channel().unwrap_or(1.0);
    let byte = |value: f32| value.clamp(0.0, 255.0).round() as u8;
    Some([byte(r), byte(g), byte(b), byte(alpha * 255.0)])
}

#[rustfmt::skip]
const DARK: [(Token, u32); 41] = [
    (Token::Canvas, 0x0b0d_11ff), (Token::Sheet, 0x1115_1bff), (Token::Well, 0x0a0c_10ff),
    (Token::Chrome, 0x1216_1cff), (Token::Raised, 0x191e_26ff), (Token::Hover, 0x1e24_2eff),
    (Token::Active, 0x262d_39ff), (Token::Line1, 0x1f25_2fff), (Token::Line2, 0x323b_49ff),
    (Token::Line3, 0x6975_8aff), (Token::Fg1, 0xe7eb_f2ff), (Token::Fg2, 0xb0b9_c8ff), (Token::Fg3, 0x8792_a4ff),
    (Token::Accent, 0x68ad_ffff), (Token::AccentFg, 0x85bd_ffff), (Token::AccentBg, 0x1527_3dff),
    (Token::OnAccent, 0x0410_1fff), (Token::Focus, 0x9ccb_ffff), (Token::Healthy, 0x2fbd_98ff),
    (Token::HealthyFg, 0x4cca_aaff), (Token::HealthyBg, 0x0f2a_25ff), (Token::HealthyQuiet, 0x2a7a_65ff),
    (Token::Degraded, 0xf3cd_4dff), (Token::DegradedLine, 0xf3cd_4dff), (Token::DegradedInk, 0x1216_1cff),
    (Token::DegradedFg, 0xf0cb_4fff), (Token::DegradedBg, 0x2c24_10ff), (Token::Failing, 0xec7c_3dff),
    (Token::FailingFg, 0xff91_57ff), (Token::FailingBg, 0x331a_0dff), (Token::Denied, 0xd632_5cff),
    (Token::DeniedFg, 0xff72_92ff), (Token::DeniedBg, 0x3414_20ff), (Token::Unknown, 0x8d98_aaff),
    (Token::UnknownFg, 0xa2ac_bcff), (Token::UnknownBg, 0x1d23_2cff), (Token::User, 0x6fa3_dcff),
    (Token::UserDim, 0x3f62_88ff), (Token::Probe, 0xc6b8_ffff), (Token::Ghost, 0x7d89_9cff),
    (Token::Recess, 0x0000_0066),
];

#[rustfmt::skip]
const LIGHT: [(Token, u32); 41] = [
    (Token::Canvas, 0xf1f3_f6ff), (Token::Sheet, 0xfafb_fcff), (Token::Well, 0xe9ec_f1ff),
    (Token::Chrome, 0xffff_ffff), (Token::Raised, 0xffff_ffff), (Token::Hover, 0xeef1_f5ff),
    (Token::Active, 0xe2e7_eeff), (Token::Line1, 0xe1e5_ebff), (Token::Line2, 0xc3cb_d7ff),
    (Token::Line3, 0x7682_96ff), (Token::Fg1, 0x1318_20ff), (Token::Fg2, 0x424c_5bff), (Token::Fg3, 0x5b66_75ff),
    (Token::Accent, 0x0b63_d1ff), (Token::AccentFg, 0x0a59_bdff), (Token::AccentBg, 0xe3ee_fcff),
    (Token::OnAccent, 0xffff_ffff), (Token::Focus, 0x0b63_d1ff), (Token::Healthy, 0x0f8a_69ff),
    (Token::HealthyFg, 0x0a6d_54ff), (Token::HealthyBg, 0xe0f3_edff), (Token::HealthyQuiet, 0x4690_7aff),
    (Token::Degraded, 0xf2b7_05ff), (Token::DegradedLine, 0x8f66_00ff), (Token::DegradedInk, 0x3a29_00ff),
    (Token::DegradedFg, 0x7d56_00ff), (Token::DegradedBg, 0xfbf0_d4ff), (Token::Failing, 0xe252_08ff),
    (Token::FailingFg, 0xa03c_08ff), (Token::FailingBg, 0xfde8_dcff), (Token::Denied, 0xb300_3cff),
    (Token::DeniedFg, 0xb300_3cff), (Token::DeniedBg, 0xfde3_eaff), (Token::Unknown, 0x6a75_87ff),
    (Token::UnknownFg, 0x5661_73ff), (Token::UnknownBg, 0xedf0_f4ff), (Token::User, 0x3d7c_c4ff),
    (Token::UserDim, 0x9dba_dbff), (Token::Probe, 0x5a34_b4ff), (Token::Ghost, 0x6f7b_8eff),
    (Token::Recess, 0x1922_331a),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_colours_that_browsers_give() {
        assert_eq!(parse_colour(" #0b0d11"), Some([11, 13, 17, 255]));
        assert_eq!(parse_colour("#fff"), Some([255; 4]));
        assert_eq!(parse_colour("rgb(1, 2, 3)"), Some([1, 2, 3, 255]));
        assert_eq!(parse_colour("rgba(0,0,0,.4)"), Some([0, 0, 0, 102]));
        assert_eq!(parse_colour("CanvasText"), None);
    }

    #[test]
    fn both_themes_know_every_token() {
        for palette in [Palette::dark(), Palette::light()] {
            for token in Token::ALL {
                assert_ne!(palette.rgba(token)[3], 0, "{}", token.css());
            }
        }
    }
}
