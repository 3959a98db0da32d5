//! Numbers as short text with their unit.

use underlay_model::charts::{ChartData, ChartSeries, ChartTone, ChartUnit};

/// `1,204`, `1.5`, `350 ms`, `41.8 MB`.
pub fn amount(value: f64, unit: ChartUnit) -> String {
    match unit {
        ChartUnit::Bytes => scaled(value, &[" B", " kB", " MB", " GB", " TB", " PB", " EB"]),
        ChartUnit::Milliseconds if value >= 10_000.0 => format!("{:.1} s", value / 1000.0),
        ChartUnit::Milliseconds => format!("{} ms", plain(value)),
        ChartUnit::Count if value >= 1e6 => scaled(value, &["", " k", " M", " G", " T"]),
        ChartUnit::Count => plain(value),
    }
}

/// A number of a series: denials are counted even in a chart of bytes.
pub fn amount_of(value: f64, series: &ChartSeries, data: &ChartData) -> String {
    amount(value, if series.tone == ChartTone::Denied { ChartUnit::Count } else { data.unit })
}

fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", plain(value), units.get(unit).unwrap_or(&""))
}

/// At most one digit behind the point, where it says something.
fn plain(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    let digits = format!("{rounded}");
    let (whole, _) = digits.split_once('.').unwrap_or((&digits, ""));
    if whole.len() < 4 || whole.len() > 15 {
        return digits;
    }
    let whole = format!("{:.0}", rounded);
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        let told = [
            amount(1.5, ChartUnit::Count),
            amount(1204.0, ChartUnit::Count),
            amount(2.5e6, ChartUnit::Count),
            amount(350.0, ChartUnit::Milliseconds),
            amount(41_800_000.0, ChartUnit::Bytes),
        ];
        assert_eq!(told, ["1.5", "1,204", "2.5 M", "350 ms", "41.8 MB"]);
    }
}
