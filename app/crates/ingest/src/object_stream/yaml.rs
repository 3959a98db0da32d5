//! The same of YAML: the lines tell what is whole ([`arriving`]).

use super::{Look, ObjectStream, Open};
use crate::documents::Visitor as _;
use crate::json::Json;
use crate::yaml::arriving::{self, Piece};
use crate::yaml::{block, value};
use std::ops::Range;

impl ObjectStream {
    /// The next thing of a block of YAML.
    pub(super) fn yaml(&mut self, text: &str, from: usize) -> Result<usize, Look> {
        let piece = match &self.open {
            None => arriving::document(text, from),
            Some(open) => arriving::item(text, from, open.head.clone(), open.indent),
        };
        match piece {
            Piece::Blank(end) => Ok(end),
            Piece::Document(range) => {
                let value = text.get(range.clone()).and_then(value).ok_or(Look::Other)?;
                let place = range.start as u64 + self.taken.before;
                let known = value.is_null() || (value.is_object() && self.interpreter.element(&value, "", place));
                if known { Ok(range.end) } else { Err(Look::Other) }
            }
            Piece::List { head, indent } => self.begin(Open { indent, ..Open::of(String::new(), true, 0, head) }),
            Piece::Item(range) => self.yaml_item(text, range),
            Piece::ListEnd { item, behind } => {
                let head = self.open.as_ref().and_then(|open| text.get(open.head.clone())).unwrap_or_default();
                let envelope = [head, text.get(behind.clone()).unwrap_or_default()].concat();
                self.yaml_item(text, item)?;
                self.interpreter.hint(&value(&envelope).unwrap_or(Json::Null));
                self.close();
                Ok(behind.end)
            }
            Piece::End => {
                self.taken.yaml = false;
                Ok(from)
            }
            Piece::Unfinished => Err(Look::More),
            Piece::Other => Err(Look::Other),
        }
    }

    fn yaml_item(&mut self, text: &str, range: Range<usize>) -> Result<usize, Look> {
        let indent = self.open.as_ref().map_or(0, |open| open.indent);
        let place = (range.start + indent + 2) as u64 + self.taken.before + self.taken.items;
        let item = text.get(range.clone()).filter(|item| !block::may_share(item)).and_then(value);
        let known = |item: &Json<'_>| {
            // Where it does not say its kind, that stands behind the list.
            item.is_object() && !item.get("kind").is_null() && self.interpreter.element(item, "", place)
        };
        if item.as_ref().and_then(|list| list.elements().next()).is_some_and(known) {
            Ok(range.end)
        } else {
            Err(Look::Other)
        }
    }
}
