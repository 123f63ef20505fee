//! Requests over HTTP/1.1 whose end two servers may find in different places (RFC 9112, sections 2.2, 6.1, 6.3, 7.1 and
//! 11.2): each is refused, the connection ends, and what came behind it is never answered.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Write;

use harness::http1::{keys, post, Served};
use harness::records;

/// What comes behind each: it finds a value if it is taken for a request.
const SMUGGLED: &str = "GET /storage/store_v1/0/key HTTP/1.1\r\nHost: venice\r\n\r\n";

/// Sends a request and what comes behind it, so many bytes at a time. Returns the status of the only answer.
fn refused(served: &Served, request: &[u8], piece: usize) -> Option<(u16, String)> {
    let mut client = served.client();
    for bytes in [request, SMUGGLED.as_bytes()].concat().chunks(piece) {
        if client.stream.write_all(bytes).is_err() {
            break;
        }
    }
    let answer = client.answer()?;
    let text = answer.text();
    let refused = (text.0, text.1.to_owned());
    assert_eq!(answer.field("connection"), "close", "{answer:?}");
    assert!(
        client.is_closed(),
        "another answer behind {answer:?}: {client:?}"
    );
    Some(refused)
}

fn chunk(size: &str, data: &[u8]) -> Vec<u8> {
    [size.as_bytes(), b"\r\n", data, b"\r\n"].concat()
}

#[test]
fn a_head_with_two_ends_is_refused_and_nothing_behind_it_answered() {
    let served = Served::new(&[]);
    let body = keys(1);
    let n = body.len();
    let chunked = [chunk(&format!("{n:x}"), &body), b"0\r\n\r\n".to_vec()].concat();
    let (cl, te) = (
        format!("Content-Length: {n}\r\n"),
        "Transfer-Encoding: chunked\r\n",
    );
    let both = "Content-Length and Transfer-Encoding are both there";
    for (version, fields, body, status, says) in [
        ("1.1", format!("{cl}{te}"), &chunked, 400, both),
        ("1.1", format!("{te}{cl}"), &chunked, 400, both),
        ("1.1", format!("{te}{cl}"), &body, 400, both),
        (
            "1.1",
            format!("Content-Length: 0\r\n{te}"),
            &body,
            400,
            both,
        ),
        (
            "1.1",
            format!("{te}Content-Length: x\r\n"),
            &chunked,
            400,
            "Content-Length is \"x\"",
        ),
        (
            "1.1",
            format!("{te}Content-Length: -1\r\n"),
            &chunked,
            400,
            "Content-Length is \"-1\"",
        ),
        (
            "1.1",
            format!("{te}{te}"),
            &chunked,
            400,
            "Transfer-Encoding is there more than once",
        ),
        (
            "1.1",
            format!("Transfer-Encoding: gzip\r\n{te}"),
            &chunked,
            400,
            "Transfer-Encoding is \"gzip\"",
        ),
        (
            "1.1",
            format!("{te}Transfer-Encoding: identity\r\n"),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: gzip, chunked\r\n".into(),
            &chunked,
            501,
            "Transfer-Encoding is \"gzip, chunked\"; this server knows chunked alone",
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked, chunked\r\n".into(),
            &chunked,
            400,
            "Transfer-Encoding is \"chunked, chunked\"",
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked, gzip\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: gzip\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: identity\r\n".into(),
            &body,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: xchunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: \"chunked\"\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked;q=1\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: \u{b}chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: ,chunked\r\n".into(),
            &chunked,
            400,
            "Transfer-Encoding is \",chunked\"",
        ),
        ("1.1", "Transfer-Encoding:\r\n".into(), &chunked, 400, ""),
        (
            "1.1",
            "Transfer-Encoding : chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding\t: chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            " Transfer-Encoding: chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "X: y\r\n Transfer-Encoding: chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding:\r\n chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "X: y\nTransfer-Encoding: chunked\r\n".into(),
            &chunked,
            400,
            "the head has a line end that is not CR LF",
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked\n".into(),
            &chunked,
            400,
            "the head has a line end that is not CR LF",
        ),
        (
            "1.1",
            "X: y\rTransfer-Encoding: chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked\0\r\n".into(),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            "Transfer-Encoding\0: chunked\r\n".into(),
            &chunked,
            400,
            "",
        ),
        ("1.0", te.into(), &chunked, 400, ""),
        (
            "1.0",
            format!("Connection: keep-alive\r\n{te}"),
            &chunked,
            400,
            "",
        ),
        (
            "1.0",
            format!("Connection: keep-alive\r\n{cl}{te}"),
            &chunked,
            400,
            "",
        ),
        (
            "1.1",
            format!("{cl}{cl}"),
            &body,
            400,
            "Content-Length is there more than once",
        ),
        (
            "1.1",
            format!("{cl}content-length: {n}\r\n"),
            &body,
            400,
            "Content-Length is there more than once",
        ),
        ("1.1", format!("{cl}Content-Length: 0\r\n"), &body, 400, ""),
        (
            "1.1",
            format!("Content-Length: {n}, {n}\r\n"),
            &body,
            400,
            "",
        ),
        ("1.1", format!("Content-Length: {n},\r\n"), &body, 400, ""),
        ("1.1", format!("Content-Length: +{n}\r\n"), &body, 400, ""),
        ("1.1", format!("Content-Length: -{n}\r\n"), &body, 400, ""),
        (
            "1.1",
            format!("Content-Length: {n} {n}\r\n"),
            &body,
            400,
            "",
        ),
        ("1.1", format!("Content-Length: {n}.0\r\n"), &body, 400, ""),
        (
            "1.1",
            format!("Content-Length: 0x{n:x}\r\n"),
            &body,
            400,
            "",
        ),
        (
            "1.1",
            format!("Content-Length: \"{n}\"\r\n"),
            &body,
            400,
            "",
        ),
        ("1.1", "Content-Length:\r\n".into(), &body, 400, ""),
        (
            "1.1",
            "Content-Length: 18446744073709551616\r\n".into(),
            &body,
            400,
            "",
        ),
        // hyper has other meanings for the largest numbers.
        (
            "1.1",
            "Content-Length: 18446744073709551615\r\n".into(),
            &body,
            400,
            "Content-Length is ",
        ),
        (
            "1.1",
            format!("Content-Length: {}{n}\r\n", "0".repeat(100)),
            &body,
            400,
            "Content-Length is ",
        ),
        ("1.1", format!("Content-Length : {n}\r\n"), &body, 400, ""),
        ("1.1", format!(" Content-Length: {n}\r\n"), &body, 400, ""),
        (
            "1.1",
            format!("Content-Length:\r\n {n}\r\n"),
            &body,
            400,
            "",
        ),
        (
            "1.1",
            format!("X: y\nContent-Length: {n}\r\n"),
            &body,
            400,
            "the head has a line end",
        ),
        (
            "1.1",
            format!("X: y\rContent-Length: {n}\r\n"),
            &body,
            400,
            "",
        ),
        ("1.1", format!("Content-Length: {n}\0\r\n"), &body, 400, ""),
        ("1.1", format!("Content-Length: {n}\r\r\n"), &body, 400, ""),
    ] {
        let request = post(version, &fields, body);
        for piece in [usize::MAX, 1] {
            let answer = refused(&served, &request, piece);
            let (answered, text) = answer.unwrap_or_else(|| panic!("{fields:?}: no answer"));
            assert_eq!(answered, status, "{fields:?}: {text}");
            assert!(text.starts_with(says), "{fields:?}: {text}");
            assert!(!text.is_empty(), "{fields:?}");
        }
    }
    // So is one that names nothing there is here, and gRPC.
    for request in [
        "POST / HTTP/1.1\r\nHost: venice\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: venice\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /com.linkedin.venice.protocols.VeniceReadService/get HTTP/1.1\r\nHost: venice\r\nContent-Type: application/grpc\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        let (status, text) = refused(&served, request.as_bytes(), usize::MAX).unwrap();
        assert!(status == 400 && text.starts_with(both), "{status} {text}");
    }
    // Nobody else is harmed, and the next connection is as any.
    assert_eq!(served.client().ask(SMUGGLED).body, b"payload");
}

#[test]
fn a_body_with_two_ends_is_refused_and_nothing_behind_it_answered() {
    let served = Served::new(&[]);
    let body = keys(1);
    let size = format!("{:x}", body.len());
    let whole = chunk(&size, &body);
    let with = |end: &[u8]| [&whole[..], end].concat();
    let zeros = "0".repeat(20_000) + &size;
    for (body, says) in [
        // A size that others may read as another number.
        (
            chunk(&format!("0x{size}"), &body),
            "Invalid chunk size line",
        ),
        (chunk(&format!("+{size}"), &body), "Invalid chunk size line"),
        (chunk(&format!(" {size}"), &body), "Invalid chunk size line"),
        (chunk(&format!("{size} 0"), &body), "Invalid chunk size"),
        (chunk(&format!("{size}_"), &body), "Invalid chunk size line"),
        (chunk("", &body), "Invalid chunk size line"),
        (
            chunk(&format!("1{:0>16}", size), &body),
            "invalid chunk size: overflow",
        ),
        (
            chunk(&format!("{size:0>17}"), &body),
            "the size of a chunk has too many digits",
        ),
        (
            chunk(&zeros, &body),
            "the size of a chunk has too many digits",
        ),
        // Lines that others may end elsewhere.
        (
            [size.as_bytes(), b"\n", &body, b"\r\n0\r\n\r\n"].concat(),
            "Invalid chunk size line",
        ),
        (
            [size.as_bytes(), b"\rX\n", &body, b"\r\n0\r\n\r\n"].concat(),
            "Invalid chunk size LF",
        ),
        (
            [size.as_bytes(), b";a\n", &body, b"\r\n0\r\n\r\n"].concat(),
            "newline",
        ),
        (
            [size.as_bytes(), b"\r\n", &body, b"\n0\r\n\r\n"].concat(),
            "Invalid chunk body CR",
        ),
        (
            [size.as_bytes(), b"\r\n", &body, b"0\r\n\r\n"].concat(),
            "Invalid chunk body CR",
        ),
        (with(b"0\r\n\n"), "a line end is not CR LF"),
        (with(b"0\r\nt: 1\n\r\n"), "a line end is not CR LF"),
        (with(b"0\r\nt: 1\n\n"), "a line end is not CR LF"),
        (with(b"0\r\nt: 1\ru: 2\r\n\r\n"), "Invalid trailer end LF"),
        (with(b"0\r\n\rx"), "Invalid chunk end LF"),
        (with(b"0\n\r\n"), "Invalid chunk size line"),
        // What has no end.
        (
            chunk(&format!("{size};{}", "x".repeat(20_000)), &body),
            "chunk extensions over limit",
        ),
        (
            with(format!("0\r\nt: {}\r\n\r\n", "x".repeat(70_000)).as_bytes()),
            "chunk trailers bytes over limit",
        ),
        (
            with(format!("0\r\n{}\r\n", "t: 1\r\n".repeat(200)).as_bytes()),
            "chunk trailers count overflow",
        ),
    ] {
        let request = post("1.1", "Transfer-Encoding: chunked\r\n", &body);
        for piece in [usize::MAX, 1] {
            if piece == 1 && body.len() > 1000 {
                continue;
            }
            let answer = refused(&served, &request, piece);
            let (status, text) = answer.unwrap_or_else(|| panic!("{says}: no answer"));
            assert!(
                status == 400 && text.contains(says),
                "{says}: {status} {text}"
            );
        }
    }
}

/// Whatever is said in one way only is answered, and so is what comes behind it.
#[test]
fn what_has_one_end_is_answered_and_so_is_the_next() {
    let served = Served::new(&[]);
    let body = keys(2);
    let size = format!("{:X}", body.len());
    let many: Vec<u8> = body
        .iter()
        .flat_map(|byte| chunk("1;a=b", &[*byte]))
        .collect();
    let te = "transfer-encoding: Chunked\r\n";
    let many = [&many[..], b"0\r\n\r\n"].concat();
    let whole = |size: &str, end: &str| [chunk(size, &body), end.into()].concat();
    for (fields, body) in [
        (
            format!("CONTENT-LENGTH:\t00{}\t\r\n", body.len()),
            body.clone(),
        ),
        (te.to_owned(), whole(&size, "0\r\n\r\n")),
        (te.to_owned(), whole(&format!("{size:0>16}"), "000\r\n\r\n")),
        (
            te.to_owned(),
            whole(&format!("{size} \t;a=\"b\""), "0;c\r\n\r\n"),
        ),
        // Trailers are read and forgotten, whatever they say.
        (
            te.to_owned(),
            whole(
                &size,
                "0\r\nContent-Length: 9\r\nTransfer-Encoding: gzip\r\n\r\n",
            ),
        ),
        (te.to_owned(), many),
        (
            format!("{te}TE: trailers\r\nUpgrade: h2c\r\n"),
            whole(&size, "0\r\n\r\n"),
        ),
    ] {
        let mut client = served.client();
        client.send([&post("1.1", &fields, &body), SMUGGLED.as_bytes()].concat());
        let answer = client.answer().unwrap();
        assert_eq!(answer.status, 200, "{fields}: {answer:?}");
        assert_eq!(records(&answer.body).len(), 2);
        assert_eq!(client.answer().unwrap().body, b"payload", "{fields}");
    }
}
