//! Names, types and necessity of an endpoint's inputs, read from its own struct.
//!
//! The struct is deserialized once from a map in which every field is present. The values say whatever type they are
//! asked for, and note what that was.

use std::{cell::RefCell, rc::Rc};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
    value::BorrowedStrDeserializer,
};

/// One input of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDoc {
    /// The name, as in the API.
    pub name: &'static str,
    /// The type.
    pub kind: FieldKind,
    /// Whether it may be left out.
    pub optional: bool,
}

/// The type of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// Several texts.
    List,
    /// Several whole numbers.
    Numbers,
}

type Notes = Rc<RefCell<Vec<FieldDoc>>>;

/// The inputs of `S`, in the order of its struct.
pub(super) fn fields_of<S: DeserializeOwned>() -> Vec<FieldDoc> {
    let notes = Notes::default();
    // Only the notes matter: a type that refuses its sample value has been noted before it could.
    let _ = S::deserialize(Probe { notes: Rc::clone(&notes) });
    notes.take()
}

type Refused = de::value::Error;

struct Probe {
    notes: Notes,
}

impl<'de> Deserializer<'de> for Probe {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_map(Fields { left: fields.iter(), current: "", notes: self.notes })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Fields {
    left: std::slice::Iter<'static, &'static str>,
    current: &'static str,
    notes: Notes,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some(name) = self.left.next() else { return Ok(None) };
        self.current = name;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        seed.deserialize(Sample { name: self.current, optional: false, notes: Rc::clone(&self.notes) })
    }
}

/// A value that is whatever it is asked to be.
struct Sample {
    name: &'static str,
    optional: bool,
    notes: Notes,
}

impl Sample {
    fn note(&self, kind: FieldKind) {
        // A checkbox that is not ticked is not sent, and neither are several of them.
        let optional = self.optional || matches!(kind, FieldKind::Flag | FieldKind::Numbers);
        self.notes.borrow_mut().push(FieldDoc { name: self.name, kind, optional });
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.note(FieldKind::Number);
            visitor.visit_u8(1)
        }
    )*};
}

impl<'de> Deserializer<'de> for Sample {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.note(FieldKind::Text);
        visitor.visit_borrowed_str("00000000-0000-0000-0000-000000000000")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.note(FieldKind::Flag);
        visitor.visit_bool(false)
    }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Refused> {
        self.optional = true;
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        // What it asks its first element to be says what is in the list.
        let notes = Notes::default();
        let first = Self { name: self.name, optional: false, notes: Rc::clone(&notes) };
        let list = visitor.visit_seq(First(Some(first)));
        let is_numbers = notes.borrow().iter().any(|doc| doc.kind == FieldKind::Number);
        self.note(if is_numbers { FieldKind::Numbers } else { FieldKind::List });
        list
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map struct
        enum identifier ignored_any
    }
}

/// A list with one element.
struct First(Option<Sample>);

impl<'de> SeqAccess<'de> for First {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        self.0.take().map(|sample| seed.deserialize(sample)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Input {
        email: String,
        limit: Option<u16>,
        #[serde(default)]
        remember: bool,
        scopes: Vec<String>,
        #[serde(default)]
        warn_at: Vec<i16>,
    }

    #[test]
    fn the_struct_itself_says_what_goes_in() {
        let doc = |name, kind, optional| FieldDoc { name, kind, optional };
        assert_eq!(
            fields_of::<Input>(),
            [
                doc("email", FieldKind::Text, false),
                doc("limit", FieldKind::Number, true),
                doc("remember", FieldKind::Flag, true),
                doc("scopes", FieldKind::List, false),
                doc("warn_at", FieldKind::Numbers, true),
            ]
        );
    }
}
