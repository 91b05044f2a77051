//! Avro's binary encoding of numbers and texts.

#[inline]
pub fn put_long(value: i64, out: &mut Vec<u8>) {
    let mut bits = ((value << 1) ^ (value >> 63)) as u64;
    while bits > 0x7f {
        out.push(bits as u8 | 0x80);
        bits >>= 7;
    }
    out.push(bits as u8);
}

#[inline]
pub fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_long(bytes.len() as i64, out);
    out.extend_from_slice(bytes);
}

/// Where the items of an array or a map begin; their count goes before them once it is known.
pub struct Items(usize);

impl Items {
    #[inline]
    pub fn begin(out: &mut Vec<u8>) -> Items {
        out.push(0);
        Items(out.len())
    }

    /// Put the count of items written since `begin`, and the end; a count of 0 is the end itself.
    #[inline]
    pub fn end(self, count: usize, out: &mut Vec<u8>) {
        if count == 0 {
            return;
        }
        if count < 64 {
            out[self.0 - 1] = (count << 1) as u8;
        } else {
            let mut prefix = Vec::with_capacity(10);
            put_long(count as i64, &mut prefix);
            out.splice(self.0 - 1..self.0, prefix);
        }
        out.push(0);
    }
}
