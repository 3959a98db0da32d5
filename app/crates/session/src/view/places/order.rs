//! The order in which people count: numbers inside names by value, instances of a scale set by their base-36 number.

use std::cmp::Ordering;

/// Compares names as people do: `node2` before `node10`. The last six characters after `vmss` are one number in base 36
/// (`vmss00000a` is instance 10), written with a fixed width, so these compare as text.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    match (scale_set(a), scale_set(b)) {
        (Some((set_a, instance_a)), Some((set_b, instance_b))) => {
            by_chunks(set_a, set_b).then_with(|| instance_a.cmp(instance_b))
        }
        _ => by_chunks(a, b),
    }
    .then_with(|| a.cmp(b))
}

/// The name of a scale set and the instance's number, of a node that is one of its instances.
fn scale_set(name: &str) -> Option<(&str, &str)> {
    let at = name.len().checked_sub(6)?;
    let (set, instance) = (name.get(..at)?, name.get(at..)?);
    (set.ends_with("vmss") && instance.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some((set, instance))
}

fn by_chunks(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (number_a, rest_a) = number(a);
        let (number_b, rest_b) = number(b);
        if !number_a.is_empty() && !number_b.is_empty() {
            let order = (number_a.len(), number_a).cmp(&(number_b.len(), number_b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (Some((first_a, rest_a)), Some((first_b, rest_b))) => {
                if first_a != first_b {
                    return first_a.cmp(first_b);
                }
                (a, b) = (rest_a, rest_b);
            }
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
        }
    }
}

/// Leading digits without leading zeros (of zero its last digit), and what follows.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(digits).unwrap_or((text, &[]));
    let zeros = number.iter().take_while(|&&byte| byte == b'0').count().min(digits.saturating_sub(1));
    (number.get(zeros..).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_people_do() {
        let mut names = vec![
            "aks-np1-1-vmss000010",
            "aks-np10-1-vmss000000",
            "aks-np1-1-vmss0000a0",
            "aks-np2-1-vmss000000",
            "aks-np1-1-vmss00000z",
            "aks-np1-1-vmss00000a",
            "node10",
            "node9",
            "node",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "aks-np1-1-vmss00000a",
                "aks-np1-1-vmss00000z",
                "aks-np1-1-vmss000010",
                "aks-np1-1-vmss0000a0",
                "aks-np2-1-vmss000000",
                "aks-np10-1-vmss000000",
                "node",
                "node9",
                "node10",
            ]
        );
    }
}
