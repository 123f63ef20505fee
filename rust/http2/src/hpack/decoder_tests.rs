use super::*;
use crate::hpack::huffman::tests::encode as pack;
use crate::hpack::testing::Watch;

type Fields = Vec<(String, String)>;

struct List(Fields);

impl Visitor for List {
    const WANTED: bool = true;
    fn field(&mut self, name: &[u8], value: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.0.push((text(name), text(value)));
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn fields(decoder: &mut Decoder, block: &[u8]) -> Result<Fields, Fault> {
    let mut list = List(Vec::new());
    let statics = StaticMeanings::new(&Watch);
    let head = decoder.visit(block, &statics, &Watch, 1 << 20, &mut list)?;
    let size: usize = list
        .0
        .iter()
        .map(|(name, value)| name.len() + value.len() + 32)
        .sum();
    assert_eq!(head.size() as usize, size);
    Ok(list.0)
}

fn pairs(text: &str) -> Fields {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    };
    lines.map(pair).collect()
}

/// Blocks of one connection: what each says, the table behind it, and its size.
fn blocks(blocks: &[(&str, &str, &str, usize)]) {
    let mut decoder = Decoder::new();
    for (block, said, table, size) in blocks {
        assert_eq!(
            fields(&mut decoder, &hex(block)).unwrap(),
            pairs(said),
            "{block}"
        );
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let kept = decoder.table().fields().into_iter();
        let kept: Fields = kept
            .map(|(name, value)| (text(name), text(value)))
            .collect();
        assert_eq!(kept, pairs(table), "{block}");
        assert_eq!(decoder.table().size(), *size, "{block}");
    }
}

#[test]
fn appendix_c_2_single_fields() {
    blocks(&[(
        "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
        "custom-key: custom-header",
        "custom-key: custom-header",
        55,
    )]);
    blocks(&[(
        "040c 2f73 616d 706c 652f 7061 7468",
        ":path: /sample/path",
        "",
        0,
    )]);
    blocks(&[(
        "1008 7061 7373 776f 7264 0673 6563 7265 74",
        "password: secret",
        "",
        0,
    )]);
    blocks(&[("82", ":method: GET", "", 0)]);
}

const REQUESTS: [(&str, &str, usize); 3] = [
    (
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
        ":authority: www.example.com",
        57,
    ),
    (
        ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
        "cache-control: no-cache\n:authority: www.example.com",
        110,
    ),
    (
        ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com
         custom-key: custom-value",
        "custom-key: custom-value\ncache-control: no-cache\n:authority: www.example.com",
        164,
    ),
];

fn requests(text: [&str; 3]) {
    let with = |at: usize| (text[at], REQUESTS[at].0, REQUESTS[at].1, REQUESTS[at].2);
    blocks(&[with(0), with(1), with(2)]);
}

#[test]
fn appendix_c_3_requests() {
    requests([
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ]);
}

#[test]
fn appendix_c_4_requests_with_huffman() {
    requests([
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ]);
}

const LOCATION: &str = "location: https://www.example.com";
const PRIVATE: &str = "cache-control: private";
const AT_21: &str = "date: Mon, 21 Oct 2013 20:13:21 GMT";
const AT_22: &str = "date: Mon, 21 Oct 2013 20:13:22 GMT";
const COOKIE: &str = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

/// Answers in a table of 256 bytes, so that entries are evicted.
fn responses(text: [&str; 3]) {
    let lines = |lines: &[&str]| lines.join("\n");
    let first = [
        lines(&[":status: 302", PRIVATE, AT_21, LOCATION]),
        lines(&[LOCATION, AT_21, PRIVATE, ":status: 302"]),
    ];
    let second = [
        lines(&[":status: 307", PRIVATE, AT_21, LOCATION]),
        lines(&[":status: 307", LOCATION, AT_21, PRIVATE]),
    ];
    let third = [
        lines(&[
            ":status: 200",
            PRIVATE,
            AT_22,
            LOCATION,
            "content-encoding: gzip",
            COOKIE,
        ]),
        lines(&[COOKIE, "content-encoding: gzip", AT_22]),
    ];
    let small = format!("3fe101 {}", text[0]);
    blocks(&[
        (&small, &first[0], &first[1], 222),
        (text[1], &second[0], &second[1], 222),
        (text[2], &third[0], &third[1], 215),
    ]);
}

#[test]
fn appendix_c_5_responses() {
    responses([
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a
         3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04
         677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49
         553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ]);
}

#[test]
fn appendix_c_6_responses_with_huffman() {
    responses([
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e
         919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7
         821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed
         4ee5 b106 3d50 07",
    ]);
}

fn fault(block: &[u8]) -> Fault {
    fields(&mut Decoder::new(), block).unwrap_err()
}

#[test]
fn what_breaks_a_rule_is_a_fault() {
    // Each is a MUST of RFC 7541.
    for (rule, block) in [
        ("6.1: index 0", "80"),
        ("2.3.3: an index beyond both tables", "be"),
        ("2.3.3: the name of such an entry", "7e 0161"),
        ("6.3: a table larger than announced", "3fe21f"),
        ("4.2: a table's size behind a field", "82 20"),
        (
            "5.1: an integer of too many bytes",
            "ff 8080 8080 8080 8080 00",
        ),
        ("5.2: a string that is cut off", "00 0161 0561"),
        ("5.2: a name that is cut off", "00 7f"),
        ("5.2: padding that is a byte", "00 0161 82ffff"),
        ("5.2: padding of zeros", "00 0161 8110"),
        ("5.2: EOS", "00 0161 84ffffffff"),
        ("a literal without its value", "00 0161"),
        ("an index that is cut off", "ff"),
    ] {
        assert!(matches!(fault(&hex(block)), Fault::Wrong(_)), "{rule}");
    }
    // The largest table, given up and taken again, before the first field.
    assert!(fields(&mut Decoder::new(), &hex("20 3fe11f 82")).is_ok());
}

#[test]
fn a_table_of_size_0_keeps_nothing_until_it_grows() {
    let mut decoder = Decoder::new();
    let literal = hex("4001 6101 62");
    assert_eq!(fields(&mut decoder, &literal).unwrap(), pairs("a: b"));
    assert_eq!(fields(&mut decoder, &hex("be")).unwrap(), pairs("a: b"));
    let none = [&hex("20")[..], &literal].concat();
    assert_eq!(fields(&mut decoder, &none).unwrap(), pairs("a: b"));
    assert!(fields(&mut decoder, &hex("be")).is_err());
    let up = [&hex("3f03")[..], &literal].concat();
    assert_eq!(fields(&mut decoder, &up).unwrap(), pairs("a: b"));
    assert_eq!(fields(&mut decoder, &hex("be")).unwrap(), pairs("a: b"));
    // 34 bytes are not enough for a longer one, which empties the table.
    let longer = hex("4001 6107 6262 6262 6262 62");
    assert_eq!(fields(&mut decoder, &longer).unwrap(), pairs("a: bbbbbbb"));
    assert_eq!(decoder.table().size(), 0);
}

#[test]
fn a_name_may_be_of_the_entry_that_gives_way() {
    let mut decoder = Decoder::new();
    // 36 bytes: room for one entry.
    fields(&mut decoder, &hex("3f05 4001 6101 62")).unwrap();
    assert_eq!(
        fields(&mut decoder, &hex("7e 0163")).unwrap(),
        pairs("a: c")
    );
    assert_eq!(fields(&mut decoder, &hex("be")).unwrap(), pairs("a: c"));
}

#[test]
fn fields_above_the_limit_end_the_block() {
    let mut decoder = Decoder::new();
    let statics = StaticMeanings::new(&Watch);
    // One entry of nearly all the table, and a thousand references to it.
    let mut block = vec![0x40, 1, b'a'];
    integer::encode(4000, 7, 0, &mut block);
    block.resize(block.len() + 4000, b'b');
    block.resize(block.len() + 1000, 0xbe);
    let bomb = decoder.decode(&block, &statics, &Watch, 64 * 1024);
    assert_eq!(bomb, Err(Fault::TooLarge));
    let head = Decoder::new()
        .decode(&block, &statics, &Watch, 5_000_000)
        .unwrap();
    assert_eq!(head.size(), 1001 * 4033);
}

#[test]
fn a_block_that_comes_again_means_the_same() {
    let statics = StaticMeanings::new(&Watch);
    let mut decoder = Decoder::new();
    let mut decode = |block: &str| {
        decoder
            .decode(&hex(block), &statics, &Watch, 10_000)
            .unwrap()
    };
    // Enters `timeout: 1` and `timeout: 12`; what refers to the newest is then another.
    let first = decode("82 86 84 40 0774696d656f7574 0131");
    assert_eq!(first.watched(0), Some(1));
    for _ in 0..3 {
        assert_eq!(decode("82 86 84 be"), first);
    }
    let literal = "82 86 84 7e 023132";
    let second = decode(literal);
    assert_eq!(second.watched(0), Some(2));
    assert_eq!(decode("82 86 84 be"), second);
    // One that enters something enters it each time.
    assert_eq!(decode(literal), second);
    assert_eq!(decode(literal), second);
    assert_eq!(decode("82 86 84 c1"), first, "four entries ago");
    // A literal that is not kept may be remembered.
    for _ in 0..2 {
        assert_eq!(decode("82 86 04 032f6161"), decode("82 86 04 032f6161"));
    }
}

#[test]
fn huffman_and_plain_text_mean_the_same() {
    let statics = StaticMeanings::new(&Watch);
    let text = |packed: bool, text: &str| {
        let bytes = if packed {
            pack(text.as_bytes())
        } else {
            text.as_bytes().to_vec()
        };
        let mut out = Vec::new();
        integer::encode(bytes.len() as u32, 7, u8::from(packed) << 7, &mut out);
        [out, bytes].concat()
    };
    for kind in [0x00, 0x10, 0x40] {
        let block = |name, value| {
            let field = [&[kind][..], &text(name, "timeout"), &text(value, "100u")].concat();
            [&hex("82 86 84")[..], &field].concat()
        };
        let head = |name, value| {
            let mut decoder = Decoder::new();
            decoder
                .decode(&block(name, value), &statics, &Watch, 10_000)
                .unwrap()
        };
        let plain = head(false, false);
        assert_eq!(plain.watched(0), Some(4));
        assert!(plain.is_request());
        for (name, value) in [(true, false), (false, true), (true, true)] {
            assert_eq!(head(name, value), plain);
        }
    }
}
