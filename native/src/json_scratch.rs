//! The notes of one pass over a body about what it has written.

const FEW: usize = 8;

/// Buffers that are reused from one event to the next, so most events need no allocation.
#[derive(Default)]
pub struct Scratch {
    pub text: Vec<u8>,
    pub places: Vec<Place>,
    pub keys: Vec<Span>,
    pub ordered: Vec<u8>,
    /// Where, in the body, the last written field of the outermost record ends.
    pub written_to: Option<usize>,
}

/// A part of the written bytes.
#[derive(Clone, Copy)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// What has been written for a record's field.
#[derive(Clone, Copy)]
pub enum Place {
    Nothing,
    /// Its default, written on the guess that the body does not contain the field.
    Default(Span),
    Value(Span),
}

impl Scratch {
    /// Whether the body's field with this index has been written, and so is valid.
    pub fn has_written(&self, field: usize) -> bool {
        matches!(self.places.get(field), Some(Place::Value(_)))
    }
}

/// Whether two keys are the same, in their written form.
pub fn has_twice(keys: &mut [Span], written: &[u8]) -> bool {
    fn text<'w>(span: &Span, written: &'w [u8]) -> &'w [u8] {
        &written[span.start..span.end]
    }
    if keys.len() > FEW {
        keys.sort_unstable_by(|one, other| text(one, written).cmp(text(other, written)));
        return keys.windows(2).any(|pair| text(&pair[0], written) == text(&pair[1], written));
    }
    let is_earlier = |at: usize| {
        let key = text(&keys[at], written);
        keys[..at].iter().any(|earlier| text(earlier, written) == key)
    };
    (1..keys.len()).any(is_earlier)
}
