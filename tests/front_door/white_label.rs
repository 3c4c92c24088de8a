//! White label: what a brand may be, who may set it, and that nothing of this program is left on pages that wear it.

use super::chromium::{sign_in, wait_for, with_browser};
use super::harness::{Desk, PASSWORD, Server, fields, view};
use super::http::{Answer, get, post, upload};
use fantoccini::Locator;
use image::{ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

const WHITE_LABEL: &str = "/sites/1/preferences/white-label";
const LOGO: &str = "/sites/1/preferences/white-label/logo.png";

/// A picture of a red disc on nothing.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbaImage::from_fn(width, height, |x, y| {
        let (x, y) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
        Rgba([160, 20, 40, if x * x + y * y < width * height / 5 { 255 } else { 0 }])
    });
    let mut file = Cursor::new(Vec::new());
    if format == ImageFormat::Jpeg {
        image::DynamicImage::from(picture).into_rgb8().write_to(&mut file, format).unwrap();
    } else {
        picture.write_to(&mut file, format).unwrap();
    }
    file.into_inner()
}

/// A PNG with one more chunk behind its head (PNG specification, 5.3).
fn with_chunk(png: &[u8], kind: &[u8], content: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(content);
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&png[..33], &length, kind, content, &sum.sum().to_be_bytes(), &png[33..]].concat()
}

/// A PNG whose head says that it is this wide and high, and no more.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut head = picture(8, 8, ImageFormat::Png);
    head[16..20].copy_from_slice(&width.to_be_bytes());
    head[20..24].copy_from_slice(&height.to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(&head[12..29]);
    head[29..33].copy_from_slice(&sum.sum().to_be_bytes());
    head
}

fn save(server: &Server<'_>, cookie: &str, typed: &[(&str, &str)], logo: &[u8]) -> Answer {
    server.ask(&upload(WHITE_LABEL, typed, ("logo", "logo.png", logo)).cookie(cookie))
}

const BRAND: [(&str, &str); 3] =
    [("name", "Hearth & Co"), ("accent", "#8A1538"), ("footer", "Ask hello@hearth.example")];

/// The path of a new guest link.
fn link(desk: &Desk, options: &[&str]) -> String {
    let arguments = [&["link", "add", "--site", "1", "--json"], options].concat();
    desk.json_with(PASSWORD, &arguments)["path"].as_str().unwrap().to_owned()
}

fn open(server: &Server<'_>, path: &str) -> Answer {
    server.ask(&get(path).header("Accept-Encoding", "identity"))
}

#[test]
fn a_saved_brand_is_shown_and_its_links_wear_it_at_once() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/")));
    let (worn, plain) = (link(&desk, &["--white-label", "--name", "Client"]), link(&desk, &[]));
    let before = open(&server, &worn).text();
    assert!(before.contains("<title>Dashboard · bakery.example</title>"), "{before}");
    let saved = save(&server, &ada, &BRAND, &picture(800, 800, ImageFormat::WebP));
    assert_eq!(saved.header("location"), format!("{WHITE_LABEL}?done=saved"), "{}", saved.text());
    let page = server.page(WHITE_LABEL, &ada);
    for text in
        ["Hearth &amp; Co", "#8a1538", "Ask hello@hearth.example", "<b>Client</b>", &worn, "lighter shade"]
    {
        assert!(page.contains(text), "{text} is missing: {page}");
    }
    assert!(!page.contains(&plain), "a link without white label is listed");
    let after = open(&server, &worn).text();
    for text in [
        "<title>Dashboard · bakery.example · Hearth &amp; Co</title>".to_owned(),
        format!("<link rel=\"icon\" href=\"{worn}/icon.png?v="),
        format!("<link rel=\"stylesheet\" href=\"{worn}/brand.css?v="),
        format!("<img src=\"{worn}/logo.png?v="),
        "width=\"160\" height=\"160\"".to_owned(),
        "<footer class=\"foot\"><span>Ask hello@hearth.example</span></footer>".to_owned(),
    ] {
        assert!(after.contains(&text), "{text} is missing: {after}");
    }
    let style = open(&server, &format!("{worn}/brand.css"));
    assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(style.text().starts_with(":root{--accent:#8a1538;--on-accent:#ffffff;"), "{}", style.text());
    for (name, side) in [("logo.png", 160), ("icon.png", 64)] {
        let file = open(&server, &format!("{worn}/{name}"));
        assert_eq!((file.status, file.header("content-type")), (200, "image/png"));
        let drawn = image::load_from_memory_with_format(&file.body, ImageFormat::Png).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (side, side), "{name}");
    }
    assert_eq!(
        desk.texts("select act || ' ' || about || ' ' || actor from audit where act = 'brand-changed'"),
        ["brand-changed Hearth & Co ada"]
    );
}

#[test]
fn in_a_frame_the_accent_stays_and_the_head_goes() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    save(&server, &ada, &BRAND, &picture(90, 90, ImageFormat::Png));
    let worn = link(&desk, &["--white-label"]);
    let page = open(&server, &format!("{worn}?embed=1")).text();
    assert!(
        page.contains("/brand.css?v=") && !page.contains("<header") && !page.contains("<img src"),
        "{page}"
    );
}

#[test]
fn a_logo_that_is_wide_is_no_icon_and_one_that_is_removed_is_gone_everywhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let worn = link(&desk, &["--white-label"]);
    save(&server, &ada, &BRAND, &picture(900, 200, ImageFormat::Jpeg));
    let page = open(&server, &worn).text();
    assert!(page.contains("<link rel=\"icon\" href=\"data:,\">") && page.contains("/logo.png?v="), "{page}");
    // Nothing chosen: the logo stays.
    save(&server, &ada, &BRAND, &[]);
    assert_eq!(open(&server, &format!("{worn}/logo.png")).status, 200);
    save(&server, &ada, &[&BRAND[..], &[("remove_logo", "on")]].concat(), &[]);
    assert_eq!(open(&server, &format!("{worn}/logo.png")).status, 404);
    assert_eq!(server.ask(&get(LOGO).cookie(&ada)).status, 404);
    assert!(open(&server, &worn).text().contains("Hearth &amp; Co"));
    let removed = server.ask(&post(format!("{WHITE_LABEL}/remove"), &[]).cookie(&ada));
    assert_eq!(removed.header("location"), format!("{WHITE_LABEL}?done=removed"));
    assert!(!open(&server, &worn).text().contains("Hearth"));
    assert_eq!(open(&server, &format!("{worn}/brand.css")).status, 404);
    assert_eq!(desk.number("select count(*) from audit where about = 'Hearth & Co removed'"), 1);
}

#[test]
fn a_picture_that_is_none_is_refused_in_words_and_what_was_typed_stays() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let whole = picture(300, 300, ImageFormat::Png);
    let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("a GIF", gif.to_vec(), "no PNG, JPEG or WebP picture"),
        ("an SVG", svg.to_vec(), "no PNG, JPEG or WebP picture"),
        ("half a PNG", whole[..whole.len() / 2].to_vec(), "The picture is damaged"),
        ("600 KB", with_chunk(&whole, b"tEXt", &vec![b'x'; 600 * 1024]), "512 KB at most"),
        ("5 MB", vec![0; 5 * 1024 * 1024], "512 KB at most"),
        ("40,000 pixels", bomb(40_000, 40_000), "The picture has too many pixels. Make it 3000 × 3000"),
        ("a long strip", bomb(2_000_000_000, 1), "The picture has too many pixels"),
    ];
    for (what, file, sentence) in cases {
        let refused = save(&server, &ada, &BRAND, &file);
        let page = refused.text();
        assert_eq!(refused.status, 422, "{what}");
        assert!(page.contains(sentence), "{what}: {page}");
        for typed in ["value=\"Hearth &amp; Co\"", "value=\"#8A1538\"", "value=\"Ask hello@hearth.example\""]
        {
            assert!(page.contains(typed), "{what}: {typed} is gone");
        }
    }
    assert_eq!(desk.number("select count(*) from brands"), 0);
}

#[test]
fn a_name_a_colour_or_a_footer_that_can_not_be_is_refused_and_the_saved_brand_stays() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let logo = picture(50, 50, ImageFormat::Png);
    save(&server, &ada, &BRAND, &logo);
    let (long_name, long_footer) = ("n".repeat(61), "f".repeat(201));
    for (field, value, sentence) in [
        ("accent", "red", "Write the colour as # and six digits"),
        ("accent", "#8a1538;}", "Write the colour as # and six digits"),
        ("accent", "#ffcc00", "too pale to be read on the page"),
        ("name", "", "1 to 60 characters"),
        ("name", &long_name, "1 to 60 characters"),
        ("footer", &long_footer, "to 200 characters"),
    ] {
        let typed: Vec<_> =
            BRAND.iter().map(|(name, usual)| (*name, if *name == field { value } else { usual })).collect();
        let refused = save(&server, &ada, &typed, &logo);
        let page = refused.text();
        assert_eq!(refused.status, 422, "{field} {value}");
        assert!(page.contains(sentence), "{field} {value}: {page}");
        assert!(page.contains(&format!("value=\"{value}\"")), "{field} {value} was not kept");
        assert!(page.contains("Please choose it once more"), "the lost picture is not mentioned");
    }
    assert_eq!(
        desk.texts("select name || accent || footer from brands"),
        ["Hearth & Co#8a1538Ask hello@hearth.example"]
    );
    let urlencoded = server.ask(&post(WHITE_LABEL, &BRAND).cookie(&ada));
    assert_eq!(urlencoded.status, 422, "a form without parts was taken");
}

#[test]
fn of_a_picture_nothing_but_its_pixels_is_kept() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    let tagged = with_chunk(&picture(90, 60, ImageFormat::Png), b"tEXt", b"Comment\0taken at home by ada");
    save(&server, &ada, &BRAND, &[&tagged[..], b"<script>alert(1)</script>"].concat());
    let kept = server.ask(&get(LOGO).cookie(&ada));
    assert_eq!((kept.status, kept.header("x-content-type-options")), (200, "nosniff"));
    let text = kept.text();
    assert!(!text.contains("taken at home") && !text.contains("script") && !text.contains("tEXt"));
    let (sent, kept) =
        (image::load_from_memory(&tagged).unwrap(), image::load_from_memory(&kept.body).unwrap());
    assert!(sent == kept, "the pixels changed");
}

#[test]
fn a_brand_is_for_the_owner_and_administrators() {
    let desk = Desk::with_site();
    let levels = [("adam", "administrator"), ("uma", "user"), ("vic", "view-only")];
    for (name, level) in levels {
        let email = format!("{name}@e.example");
        desk.json_with(PASSWORD, &["user", "add", name, "--email", &email, "--password-stdin", "--json"]);
        desk.text(&["share", "add", "--site", "1", "--user", name, "--level", level]);
    }
    desk.json_with(
        PASSWORD,
        &["user", "add", "eve", "--email", "eve@e.example", "--password-stdin", "--json"],
    );
    let server = desk.serve();
    for (name, shown, saved) in
        [("ada", 200, 303), ("adam", 200, 303), ("uma", 403, 403), ("vic", 403, 403), ("eve", 404, 404)]
    {
        let cookie = server.sign_in(name);
        let logo = picture(40, 40, ImageFormat::Png);
        assert_eq!(save(&server, &cookie, &BRAND, &logo).status, saved, "{name}");
        for path in [WHITE_LABEL, LOGO] {
            assert_eq!(server.ask(&get(path).cookie(&cookie)).status, shown, "{name} {path}");
        }
        let removed = server.ask(&post(format!("{WHITE_LABEL}/remove"), &[]).cookie(&cookie));
        assert_eq!(removed.status, saved, "{name}");
    }
    let foreign = upload(WHITE_LABEL, &BRAND, ("logo", "x.png", b"")).cookie(&server.sign_in("ada"));
    assert_eq!(server.ask(&foreign.header("Sec-Fetch-Site", "cross-site")).status, 403);
}

#[test]
fn a_link_that_opens_nothing_has_no_brand_and_names_nobody() {
    let desk = Desk::with_site();
    let server = desk.serve();
    save(&server, &server.sign_in("ada"), &BRAND, &picture(40, 40, ImageFormat::Png));
    let (worn, plain) = (link(&desk, &["--white-label"]), link(&desk, &[]));
    desk.text(&["link", "disable", "--site", "1", "1"]);
    let wrong = format!("/s/{}", "0".repeat(40));
    let known = open(&server, &wrong);
    assert_eq!(known.status, 404);
    for path in [&worn, &wrong] {
        for below in ["", "/password", "/brand.css", "/logo.png", "/icon.png", "/reports/pages", "/nothing"] {
            let answer = open(&server, &format!("{path}{below}"));
            assert_eq!((answer.status, answer.body), (404, known.body.clone()), "{path}{below}");
            assert_eq!(answer.headers.len(), known.headers.len(), "{path}{below}");
        }
    }
    // What a link does not wear it does not give away either.
    for below in ["/brand.css", "/logo.png", "/icon.png"] {
        let answer = open(&server, &format!("{plain}{below}"));
        assert_eq!((answer.status, answer.body), (404, known.body.clone()), "{below}");
    }
    let page = known.text();
    assert!(!page.to_lowercase().contains("clickstead") && !page.contains("Hearth"), "{page}");
    assert!(page.contains("<link rel=\"icon\" href=\"data:,\">"), "{page}");
}

#[test]
fn a_link_without_white_label_says_whose_page_it_is() {
    let desk = Desk::with_site();
    let server = desk.serve();
    save(&server, &server.sign_in("ada"), &BRAND, &picture(40, 40, ImageFormat::Png));
    let (plain, secret) = (link(&desk, &[]), link(&desk, &["--password-stdin"]));
    for (path, title) in [
        (plain, "Dashboard · bakery.example · Clickstead"),
        (format!("{secret}/password"), "Password · Clickstead"),
    ] {
        let page = open(&server, &path).text();
        assert!(page.contains(&format!("<title>{title}</title>")), "{page}");
        assert!(page.contains("/assets/icon.svg?v=") && page.contains("<footer class=\"foot\">"), "{page}");
        assert!(!page.contains("Hearth") && !page.contains("brand.css"), "{page}");
    }
}

/// Every answer that a page brings, headers and all, in small letters: the page, whatever its document names, and
/// whatever the browser says it loaded.
fn traces(server: &Server<'_>, path: &str, cookie: &str, loaded: &[String]) -> Vec<(String, String)> {
    let ask = |path: &str| {
        let answer = server.ask(&get(path).cookie(cookie).header("Accept-Encoding", "identity"));
        assert_eq!(answer.status, 200, "{path}");
        let headers: Vec<_> = answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        (headers.join("\n") + &answer.text()).to_lowercase()
    };
    let page = ask(path);
    let named = page.split(['"', '\'']).filter(|text| text.starts_with("/assets/") || text.contains("?v="));
    let mut paths: Vec<String> = named.map(str::to_owned).chain(loaded.iter().cloned()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut all: Vec<_> = paths.iter().map(|path| (path.clone(), ask(path))).collect();
    all.push((path.to_owned(), page));
    all
}

#[test]
fn nothing_of_this_program_is_left_on_a_page_with_white_label() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let ada = server.sign_in("ada");
    server.hit("81.2.69.1", &fields(&view("/")));
    let bare = link(&desk, &["--white-label", "--visitor-data"]);
    let name = "clickstead";
    let without_brand = open(&server, &bare).text();
    assert!(without_brand.contains("bakery.example") && !without_brand.to_lowercase().contains(name));
    save(&server, &ada, &BRAND, &picture(300, 300, ImageFormat::Png));
    let secret = link(&desk, &["--white-label", "--visitor-data", "--password-stdin"]);
    with_browser(1_280, async |client| {
        let home = format!("http://{}", server.address);
        client.goto(&format!("{home}{secret}")).await.unwrap();
        wait_for(client, ".worn img").await;
        let form = client.source().await.unwrap().to_lowercase();
        assert!(form.contains("hearth &amp; co") && !form.contains(name), "{form}");
        assert!(!form.contains("bakery"), "the form tells the site's name before the password: {form}");
        client.find(Locator::Id("password")).await.unwrap().send_keys(PASSWORD).await.unwrap();
        client.find(Locator::Css("button.primary")).await.unwrap().click().await.unwrap();
        wait_for(client, "#panel-pages").await;
        let cookies = client.get_all_cookies().await.unwrap();
        assert!(cookies.iter().all(|cookie| cookie.name() == "guest"), "{cookies:?}");
        let cookie = format!("guest={}", cookies[0].value());
        for below in ["", "/reports/countries", "/reports", "/spy", "/visitors"] {
            let path = format!("{secret}{below}");
            client.goto(&format!("{home}{path}")).await.unwrap();
            wait_for(client, "footer.foot").await;
            let title = client.title().await.unwrap();
            assert!(title.ends_with(" · Hearth & Co"), "{title}");
            let document = client.source().await.unwrap().to_lowercase();
            assert!(document.contains("ask hello@hearth.example") && !document.contains(name), "{document}");
            let worn = "const worn = getComputedStyle(document.documentElement); const logo = document.querySelector('.worn img'); return [worn.getPropertyValue('--accent'), String(logo.complete && logo.naturalWidth)]";
            assert_eq!(client.execute(worn, vec![]).await.unwrap(), serde_json::json!(["#8a1538", "160"]));
            let script = "return performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.includes('/stream'))";
            let loaded: Vec<String> =
                serde_json::from_value(client.execute(script, vec![]).await.unwrap()).unwrap();
            let loaded: Vec<String> = loaded.iter().map(|url| url.replace(&home, "")).collect();
            assert!(loaded.iter().all(|path| path.starts_with('/')), "{loaded:?}");
            let traces = traces(&server, &path, &cookie, &loaded);
            for kind in ["/app.js", "/app.css", "/brand.css", "/logo.png", "/icon.png"] {
                assert!(traces.iter().any(|(path, _)| path.contains(kind)), "{kind} was not looked at");
            }
            for (path, text) in traces {
                assert!(!text.contains(name) && !path.contains(name), "{path} names the program");
            }
        }
    });
}

#[test]
fn a_brand_is_made_in_a_browser_and_seen_in_its_preview() {
    let desk = Desk::with_site();
    let server = desk.serve();
    let file = desk.path().join("logo.png");
    std::fs::write(&file, picture(300, 120, ImageFormat::Png)).unwrap();
    with_browser(1_280, async |client| {
        sign_in(client, &server).await;
        client.goto(&format!("http://{}{WHITE_LABEL}", server.address)).await.unwrap();
        let field = async |id: &str, text: &str| {
            client.find(Locator::Id(id)).await.unwrap().send_keys(text).await.unwrap();
        };
        field("name", "Hearth & Co").await;
        field("logo", file.to_str().unwrap()).await;
        let pick = "const picker = document.querySelector('[data-colour-of]'); picker.value = '#8a1538'; picker.dispatchEvent(new Event('input')); return document.getElementById('accent').value";
        assert_eq!(client.execute(pick, vec![]).await.unwrap(), "#8a1538");
        client.find(Locator::Css("form.settings button.primary")).await.unwrap().click().await.unwrap();
        wait_for(client, ".notice").await;
        let drawn = "return [...document.querySelectorAll('.brand-preview svg')].map(s => s.querySelector('image').getBBox().width > 70 && s.textContent.includes('Hearth & Co'))";
        assert_eq!(client.execute(drawn, vec![]).await.unwrap(), serde_json::json!([true, true]));
    });
    assert_eq!(desk.texts("select name || ' ' || accent from brands"), ["Hearth & Co #8a1538"]);
}
