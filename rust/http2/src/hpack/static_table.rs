//! The static table of HPACK (RFC 7541, appendix A).

/// Entries, the first of which has index 1.
pub(crate) const STATIC: [(&[u8], &[u8]); 61] = [
    (b":authority", b""),
    (b":method", b"GET"),
    (b":method", b"POST"),
    (b":path", b"/"),
    (b":path", b"/index.html"),
    (b":scheme", b"http"),
    (b":scheme", b"https"),
    (b":status", b"200"),
    (b":status", b"204"),
    (b":status", b"206"),
    (b":status", b"304"),
    (b":status", b"400"),
    (b":status", b"404"),
    (b":status", b"500"),
    (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
    (b"accept-language", b""),
    (b"accept-ranges", b""),
    (b"accept", b""),
    (b"access-control-allow-origin", b""),
    (b"age", b""),
    (b"allow", b""),
    (b"authorization", b""),
    (b"cache-control", b""),
    (b"content-disposition", b""),
    (b"content-encoding", b""),
    (b"content-language", b""),
    (b"content-length", b""),
    (b"content-location", b""),
    (b"content-range", b""),
    (b"content-type", b""),
    (b"cookie", b""),
    (b"date", b""),
    (b"etag", b""),
    (b"expect", b""),
    (b"expires", b""),
    (b"from", b""),
    (b"host", b""),
    (b"if-match", b""),
    (b"if-modified-since", b""),
    (b"if-none-match", b""),
    (b"if-range", b""),
    (b"if-unmodified-since", b""),
    (b"last-modified", b""),
    (b"link", b""),
    (b"location", b""),
    (b"max-forwards", b""),
    (b"proxy-authenticate", b""),
    (b"proxy-authorization", b""),
    (b"range", b""),
    (b"referer", b""),
    (b"refresh", b""),
    (b"retry-after", b""),
    (b"server", b""),
    (b"set-cookie", b""),
    (b"strict-transport-security", b""),
    (b"transfer-encoding", b""),
    (b"user-agent", b""),
    (b"vary", b""),
    (b"via", b""),
    (b"www-authenticate", b""),
];

/// `:status 200`, which has an entry of its own.
pub(crate) const STATUS_200: u8 = 8;

/// The index of the entry for a status, if there is one.
pub(crate) fn status(code: u16) -> Option<u8> {
    Some(match code {
        200 => STATUS_200,
        204 => 9,
        206 => 10,
        304 => 11,
        400 => 12,
        404 => 13,
        500 => 14,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_are_where_the_rfc_has_them() {
        for (index, name, value) in [
            (1, &b":authority"[..], &b""[..]),
            (8, b":status", b"200"),
            (16, b"accept-encoding", b"gzip, deflate"),
            (31, b"content-type", b""),
            (54, b"server", b""),
            (61, b"www-authenticate", b""),
        ] {
            assert_eq!(STATIC[index - 1], (name, value));
        }
        for code in [200, 204, 206, 304, 400, 404, 500] {
            let index = usize::from(status(code).unwrap());
            assert_eq!(
                STATIC[index - 1],
                (&b":status"[..], code.to_string().as_bytes())
            );
        }
        assert_eq!(status(201), None);
    }
}
