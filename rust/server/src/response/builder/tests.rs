use super::*;

#[test]
fn a_miss_has_the_five_byte_code() {
    let reply = EncodedResponse::error(-420, "");
    assert_eq!(reply.message(), [0x30, 0xDC, 0xFC, 0xFF, 0xFF, 0x0F]);
}

#[test]
fn the_envelope_stands_right_before_the_message() {
    let mut data = ResponseBuilder::new(2, 100);
    data.append(2, |out| out.extend_from_slice(&[0xAA, 0xBB]));
    let reply = data
        .finish(Fields {
            schema_id: -1,
            error_code: 200,
            ..Fields::default()
        })
        .unwrap();
    assert_eq!(
        reply.message(),
        [0x08, 0x01, 0x12, 2, 0xAA, 0xBB, 0x30, 0xC8, 0x01]
    );
    assert_eq!(
        reply.with_prefix([0, 0, 0, 0, 9])[..],
        [0, 0, 0, 0, 9, 0x08, 0x01, 0x12, 2, 0xAA, 0xBB, 0x30, 0xC8, 0x01]
    );
}

#[test]
fn the_limit_counts_the_whole_message() {
    let message = |limit| {
        let mut data = ResponseBuilder::new(8, limit);
        data.append(8, |out| out.extend_from_slice(&[7; 8]));
        data.finish(Fields {
            error_code: 200,
            ..Fields::default()
        })
        .map(|reply| reply.message().len())
    };
    assert_eq!(message(13), Ok(13));
    assert_eq!(
        message(12),
        Err(TooLarge {
            size: 13,
            limit: 12
        })
    );
    assert_eq!(message(7), Err(TooLarge { size: 8, limit: 7 }));
}

#[test]
fn data_grows_by_what_the_parts_before_let_one_expect() {
    let append = |data: &mut ResponseBuilder, length: usize| {
        data.append(length, |out| out.resize(out.len() + length, 7));
        data.buffer.capacity()
    };
    let mut few = ResponseBuilder::with_parts(10, 0, usize::MAX);
    let room = append(&mut few, 1000);
    assert!((10_000..12_000).contains(&room), "{room}");
    for _ in 1..10 {
        assert_eq!(append(&mut few, 1000), room, "it grows once");
    }
    let mut many = ResponseBuilder::with_parts(10_000, 0, usize::MAX);
    let room = append(&mut many, 1000);
    assert!((16_000..17_000).contains(&room), "{room}");
    let mut limited = ResponseBuilder::with_parts(10_000, 0, 5000);
    let room = append(&mut limited, 1000);
    assert!((5000..6000).contains(&room), "{room}");
}

#[test]
fn beyond_the_limit_nothing_is_copied() {
    let mut data = ResponseBuilder::new(0, 10);
    data.append(8, |out| out.extend_from_slice(&[7; 8]));
    assert_eq!((data.room(), data.is_too_large()), (2, false));
    assert_eq!(
        data.too_large_with(3),
        TooLarge {
            size: 11,
            limit: 10
        }
    );
    data.append(1000, |_| panic!("copied beyond the limit"));
    assert_eq!((data.room(), data.is_too_large()), (0, true));
    data.append(1, |_| panic!("copied beyond the limit"));
    assert_eq!(data.finish(Fields::default()).unwrap_err().size, 1009);
}
