//! Several packed lists as one. Each is in the order of its keys and has each once, and keys are packed so that their bytes sort as they do:
//! most things are in one list only, and their bytes are copied as they stand.

use crate::packed::Cursor;
use std::cmp::Ordering;

/// Moves a cursor behind the first thing of a list; gives the length of its key, with which it begins.
pub(crate) type Measure = fn(&mut Cursor<'_>) -> Option<usize>;

/// A thing as it stands in one of the lists.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'a> {
    /// Which list.
    pub(crate) list: usize,
    key: &'a [u8],
    pub(crate) bytes: &'a [u8],
}

/// The only list that there is, or an empty one; `None` when there are several.
pub(crate) fn alone<L: Default>(lists: &mut Vec<L>) -> Option<L> {
    if lists.len() < 2 { Some(lists.pop().unwrap_or_default()) } else { None }
}

/// Calls with everything that has the same key, the earlier list's first, in the order of the keys.
pub(crate) fn merge<'a>(lists: &[&'a [u8]], measure: Measure, each: &mut dyn FnMut(&[Packed<'a>])) {
    let mut rests = lists.to_vec();
    let mut heads: Vec<Option<Packed<'_>>> =
        rests.iter_mut().zip(0..).map(|(rest, list)| first(list, rest, measure)).collect();
    let mut least: Vec<Packed<'_>> = Vec::with_capacity(lists.len());
    loop {
        least.clear();
        for head in heads.iter().flatten() {
            match least.first().map_or(Ordering::Less, |least| head.key.cmp(least.key)) {
                Ordering::Less => {
                    least.clear();
                    least.push(*head);
                }
                Ordering::Equal => least.push(*head),
                Ordering::Greater => {}
            }
        }
        if least.is_empty() {
            return;
        }
        each(&least);
        for taken in &least {
            if let (Some(head), Some(rest)) = (heads.get_mut(taken.list), rests.get_mut(taken.list)) {
                *head = first(taken.list, rest, measure);
            }
        }
    }
}

/// Takes the first thing off a list.
fn first<'a>(list: usize, rest: &mut &'a [u8], measure: Measure) -> Option<Packed<'a>> {
    let mut cursor = Cursor(rest);
    let key = measure(&mut cursor)?;
    let (bytes, behind) = rest.split_at_checked(rest.len() - cursor.0.len())?;
    *rest = behind;
    Some(Packed { list, key: bytes.get(..key)?, bytes })
}
