//! Base64 (RFC 4648, section 4), canonical only: each byte sequence has exactly one text.

const NONE: u8 = 0xff;
const VALUES: [u8; 256] = values();

const fn values() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut index = 0;
    while index < alphabet.len() {
        values[alphabet[index] as usize] = index as u8;
        index += 1;
    }
    values
}

/// The length of the decoded bytes, if the text's length and padding are valid.
pub fn decoded_len(text: &[u8]) -> Option<usize> {
    let padding = text.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    text.len().is_multiple_of(4).then(|| text.len() / 4 * 3 - padding)
}

/// Append the decoded bytes; false if the text is not base64, after appending some of them perhaps.
pub fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(length) = decoded_len(text) else {
        return false;
    };
    let end = out.len() + length;
    for group in text.chunks_exact(4) {
        let [first, second, third, fourth] = *group else {
            return false;
        };
        let is_last = out.len() + 3 > end;
        let padded = |byte: u8| {
            if is_last && byte == b'=' { 0 } else { VALUES[byte as usize] }
        };
        let parts =
            [VALUES[first as usize], VALUES[second as usize], padded(third), padded(fourth)];
        if parts.contains(&NONE) {
            return false;
        }
        let bits = parts.iter().fold(0u32, |bits, part| bits << 6 | u32::from(*part));
        let bytes = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
        let (taken, stray) = bytes.split_at(3.min(end - out.len()));
        if stray.iter().any(|&byte| byte != 0) {
            return false;
        }
        out.extend_from_slice(taken);
    }
    true
}
