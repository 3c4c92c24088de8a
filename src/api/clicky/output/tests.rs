//! Tests of the four forms against replies as they have to be. The black-box tests have the replies of
//! `tests/fixtures/clicky` read by PHP and Python.

use super::readers::read_csv;
use super::script::Script;
use super::{Output, Style};
use crate::api::clicky::reply::{DateItems, Item, Reply, TypeReply, Value};

/// Writes a reply in a form.
pub fn render(reply: &Reply, output: Output) -> String {
    text(reply, &Style { output, ..Style::default() })
}

/// Writes a reply in a style.
pub fn text(reply: &Reply, style: &Style) -> String {
    String::from_utf8(style.render(reply).unwrap().body.to_vec()).unwrap()
}

/// A text.
pub fn words(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// An object with these fields.
pub fn object(fields: &[(&str, Value)]) -> Value {
    Value::Object(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// The texts that are hard on one of the forms: its quotes, its ends, its escapes, its line ends.
pub const HOSTILE: [&str; 9] = [
    "\"quoted\", 'quoted' \\ & <b>bold</b> &amp;",
    "]]> and ]]]]>>",
    "\u{1}a\u{b}b\u{1f}c\u{7f}\u{85}\u{fffe}",
    "]]\u{1}>",
    "two\r\nlines,\tand\nmore\r",
    "é 日本 😀 e\u{301}",
    "\u{202e}\u{5d0}\u{5d1}\u{5d2}",
    "s:3:\"a\";}a:1:{i:0;",
    "</script><!--\u{2028}\u{2029}-->",
];

fn visit() -> Item {
    let custom = object(&[
        ("username", words("bob")),
        ("5", words("five")),
        ("05", words("=1+1")),
        ("1st visit", words("-2")),
        ("größe <\"&\t>", words("ß")),
        ("", words("no name")),
        ("empty", words("")),
    ]);
    let goals = object(&[
        ("completed", Value::List(vec![words("Signup"), words(""), words("Order, paid")])),
        ("revenue", words("12.50")),
    ]);
    Item::new()
        .text("time", "1656520164")
        .text("referrer_search", "")
        .text("longitude", "-71.1557")
        .value("custom", custom)
        .value("goals", goals)
        .value("nothing", object(&[("username", words(""))]))
        .text("landing_page", "http://example.com/?a=1&b=<2>")
}

fn visits() -> Reply {
    let more = HOSTILE.iter().map(|text| Item::new().text("time", "1").text("campaign", *text));
    let dates = vec![
        DateItems { date: "2026-11-23".into(), items: [visit()].into_iter().chain(more).collect() },
        DateItems { date: "2026-11-22".into(), items: Vec::new() },
        DateItems { date: "2026-11-21".into(), items: vec![Item::new().text("uid", "7")] },
    ];
    Reply::Types(vec![TypeReply { name: "visitors-list".into(), dates }])
}

fn several(values: &[(&str, &str)]) -> Reply {
    let tally = |(name, value): &(&str, &str)| TypeReply {
        name: (*name).into(),
        dates: vec![DateItems { date: "2026-11-23".into(), items: vec![Item::new().text("value", *value)] }],
    };
    Reply::Types(values.iter().map(tally).collect())
}

fn sites() -> Reply {
    let site = |id: &str, name: &str| Item::new().text("site_id", id).text("nickname", name);
    Reply::Rows { name: "site", rows: vec![site("1", "Bakery"), site("2", "")] }
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/clicky/", $name))
    };
}

#[test]
fn a_list_of_visits_is_written_as_in_the_fixtures() {
    assert_eq!(render(&visits(), Output::Xml), fixture!("visits.xml"));
    assert_eq!(render(&visits(), Output::Json), fixture!("visits.json"));
    assert_eq!(render(&visits(), Output::Php), fixture!("visits.php.txt"));
    assert_eq!(render(&visits(), Output::Csv), fixture!("visits.csv"));
}

#[test]
fn several_types_are_sent_in_the_order_of_the_request() {
    let several = several(&[("visitors", "1234"), ("bounce-rate", "5.5")]);
    assert_eq!(
        render(&several, Output::Json),
        r#"[{"type":"visitors","dates":[{"date":"2026-11-23","items":[{"value":"1234"}]}]},{"type":"bounce-rate","dates":[{"date":"2026-11-23","items":[{"value":"5.5"}]}]}]"#
    );
    assert_eq!(
        render(&several, Output::Php),
        r#"a:2:{s:8:"visitors";a:1:{s:10:"2026-11-23";a:1:{i:0;a:1:{s:5:"value";s:4:"1234";}}}s:11:"bounce-rate";a:1:{s:10:"2026-11-23";a:1:{i:0;a:1:{s:5:"value";s:3:"5.5";}}}}"#
    );
    assert_eq!(render(&several, Output::Csv), "error,CSV takes one type only.\r\n");
}

#[test]
fn of_two_replies_of_one_name_php_has_the_later_in_the_place_of_the_first_and_json_both() {
    let twice = several(&[("visitors", "1234"), ("bounce-rate", "5.5"), ("visitors", "7")]);
    assert_eq!(
        render(&twice, Output::Json),
        r#"[{"type":"visitors","dates":[{"date":"2026-11-23","items":[{"value":"1234"}]}]},{"type":"bounce-rate","dates":[{"date":"2026-11-23","items":[{"value":"5.5"}]}]},{"type":"visitors","dates":[{"date":"2026-11-23","items":[{"value":"7"}]}]}]"#
    );
    let assigned = several(&[("visitors", "7"), ("bounce-rate", "5.5")]);
    assert_eq!(render(&twice, Output::Php), render(&assigned, Output::Php));
}

#[test]
fn the_columns_of_csv_are_fields_whatever_keys_visitors_choose() {
    let visit = |at: usize| {
        let (key, empty) = (format!("own {at}"), format!("empty {at}"));
        let custom = object(&[(&key, words("=1,\"2\"")), (&empty, words(""))]);
        Item::new().text("time", "1").value("custom", custom).value("goals", Value::List(vec![words("")]))
    };
    let reply = Reply::Rows { name: "visit", rows: (1..=2).map(visit).collect() };
    assert_eq!(
        render(&reply, Output::Csv),
        "time,custom\r\n1,\"{\"\"own 1\"\":\"\"=1,\\\"\"2\\\"\"\"\"}\"\r\n\
         1,\"{\"\"own 2\"\":\"\"=1,\\\"\"2\\\"\"\"\"}\"\r\n"
    );
    let all = text(&reply, &Style { output: Output::Csv, keeps_empty: true, ..Style::default() });
    let cells: Vec<_> = read_csv(all.as_bytes()).into_iter().map(|row| row["custom"].clone()).collect();
    let expected = [r#"{"own 1":"=1,\"2\"","empty 1":""}"#, r#"{"own 2":"=1,\"2\"","empty 2":""}"#];
    assert_eq!(cells, expected);
    assert!(all.starts_with("time,custom,goals\r\n"));
}

#[test]
fn an_error_is_the_whole_reply() {
    let error = Reply::Error("Invalid sitekey.".into());
    assert_eq!(render(&error, Output::Json), r#"[{"error":"Invalid sitekey."}]"#);
    assert_eq!(render(&error, Output::Php), r#"a:1:{s:5:"error";s:16:"Invalid sitekey.";}"#);
    assert_eq!(render(&error, Output::Csv), "error,Invalid sitekey.\r\n");
    assert_eq!(
        render(&error, Output::Xml),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <response status=\"error\"><error><![CDATA[Invalid sitekey.]]></error></response>"
    );
}

#[test]
fn the_sites_of_an_account_are_rows() {
    assert_eq!(render(&sites(), Output::Json), r#"[{"site_id":"1","nickname":"Bakery"},{"site_id":"2"}]"#);
    assert_eq!(
        render(&sites(), Output::Php),
        r#"a:2:{i:0;a:2:{s:7:"site_id";s:1:"1";s:8:"nickname";s:6:"Bakery";}i:1;a:1:{s:7:"site_id";s:1:"2";}}"#
    );
    assert_eq!(render(&sites(), Output::Csv), "site_id,nickname\r\n1,Bakery\r\n2,\r\n");
    assert_eq!(
        render(&sites(), Output::Xml),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<response status=\"ok\">\
         <site><site_id><![CDATA[1]]></site_id><nickname><![CDATA[Bakery]]></nickname></site>\
         <site><site_id><![CDATA[2]]></site_id></site></response>"
    );
}

#[test]
fn empty_fields_are_sent_on_request() {
    let style = |output| Style { output, keeps_empty: true, ..Style::default() };
    assert_eq!(
        text(&sites(), &style(Output::Json)),
        r#"[{"site_id":"1","nickname":"Bakery"},{"site_id":"2","nickname":""}]"#
    );
    assert!(text(&sites(), &style(Output::Php)).ends_with(r#"s:8:"nickname";s:0:"";}}"#));
    assert!(text(&sites(), &style(Output::Xml)).contains("<nickname><![CDATA[]]></nickname>"));
}

#[test]
fn a_reply_without_types_or_items_is_whole() {
    let nothing = Reply::Types(Vec::new());
    let outputs = [Output::Json, Output::Php, Output::Csv];
    assert_eq!(outputs.map(|output| render(&nothing, output)), ["[]", "a:0:{}", ""]);
    let dates = vec![DateItems { date: "2026-11-23".into(), items: Vec::new() }];
    let empty = Reply::Types(vec![TypeReply { name: "tweets".into(), dates }]);
    assert_eq!(render(&empty, Output::Csv), "");
    assert_eq!(
        render(&empty, Output::Json),
        r#"[{"type":"tweets","dates":[{"date":"2026-11-23","items":[]}]}]"#
    );
    assert!(render(&empty, Output::Xml).ends_with(
        "<response status=\"ok\"><type type=\"tweets\"><date date=\"2026-11-23\"></date></type></response>"
    ));
}

#[test]
fn a_form_has_its_name_media_type_and_file() {
    let cases = [
        (Some("json"), "application/json; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.json"),
        (Some("php"), "text/plain; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.txt"),
        (Some("csv"), "text/csv; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.csv"),
        (Some("xml"), "text/xml; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.xml"),
        (Some("yaml"), "text/xml; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.xml"),
        (None, "text/xml; charset=utf-8", "visitors-list-2026-11-21-2026-11-23.xml"),
    ];
    for (name, content_type, file_name) in cases {
        let style = Style { output: Output::parse(name), is_download: true, ..Style::default() };
        let rendered = style.render(&visits()).unwrap();
        assert_eq!((rendered.content_type, rendered.file_name.as_deref()), (content_type, Some(file_name)));
    }
    let file =
        |reply: &Reply| Style { is_download: true, ..Style::default() }.render(reply).unwrap().file_name;
    let several = several(&[("visitors", "1234"), ("bounce-rate", "5.5")]);
    assert_eq!(file(&several).as_deref(), Some("stats-2026-11-23.xml"));
    assert_eq!(file(&sites()).as_deref(), Some("sites.xml"));
    assert_eq!(file(&Reply::Error(String::new())).as_deref(), Some("error.xml"));
    let dates = vec![DateItems { date: "2026-11-17,2026-11-23".into(), items: Vec::new() }];
    let range = Reply::Types(vec![TypeReply { name: "pages\"\r\n/..".into(), dates }]);
    assert_eq!(file(&range).as_deref(), Some("pages-------2026-11-17-2026-11-23.xml"));
    assert_eq!(Style::default().render(&sites()).unwrap().file_name, None);
}

#[test]
fn a_script_has_json_and_nothing_else() {
    let script = Script::from_params(Some("cb"), None).unwrap();
    let style = Style { output: Output::Json, script, ..Style::default() };
    let rendered = style.render(&Reply::Error("Invalid date.".into())).unwrap();
    assert_eq!(rendered.body, r#"cb([{"error":"Invalid date."}])"#);
    assert_eq!(rendered.content_type, "application/javascript; charset=utf-8");
    let xml = Style { output: Output::Xml, ..style };
    assert_eq!(text(&sites(), &xml), render(&sites(), Output::Xml));
}
