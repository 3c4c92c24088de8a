//! The requests of an access log that are page views. Bots are left to the filter of all hits.

use super::log_line::LogLine;

/// The reason why a request is no page view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// A picture, script, feed or other file.
    StaticFile,
    /// A method other than GET.
    NotGet,
    /// A redirect.
    Redirect,
    /// A failed request: no such page, or an error of the server.
    Failed,
    /// A request of this program's own tracker.
    Tracker,
}

impl Skip {
    /// Returns the stable name and the text for people.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::StaticFile => ("static-file", "files that are no pages"),
            Self::NotGet => ("not-get", "requests other than GET"),
            Self::Redirect => ("redirect", "redirects"),
            Self::Failed => ("failed", "requests that failed"),
            Self::Tracker => ("tracker", "requests of the tracker"),
        }
    }
}

/// The file extensions that are no pages, in alphabetical order.
const STATIC: [&str; 70] = [
    "7z",
    "ai",
    "apk",
    "asc",
    "atom",
    "avi",
    "avif",
    "bmp",
    "br",
    "bz2",
    "cjs",
    "css",
    "csv",
    "cur",
    "deb",
    "dmg",
    "doc",
    "docx",
    "eot",
    "eps",
    "epub",
    "exe",
    "flac",
    "gif",
    "gz",
    "heic",
    "ico",
    "ics",
    "iso",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "json",
    "m4a",
    "m4v",
    "map",
    "md5",
    "mjs",
    "mov",
    "mp3",
    "mp4",
    "mpeg",
    "msi",
    "ods",
    "odt",
    "ogg",
    "otf",
    "pdf",
    "png",
    "ppt",
    "pptx",
    "rar",
    "rpm",
    "rss",
    "svg",
    "swf",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "ttf",
    "txt",
    "wasm",
    "wav",
    "webm",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
];
/// Further extensions, which are not sorted.
const STATIC_TOO: [&str; 8] = ["webvtt", "vtt", "xls", "xlsx", "xml", "xz", "zip", "zst"];

/// Returns the reason why a request is no page view; `None` if it is one.
pub fn skip(line: &LogLine<'_>) -> Option<Skip> {
    match line.status {
        200..=299 | 304 => {}
        404 | 410 if is_followed(line) => {}
        300..=399 => return Some(Skip::Redirect),
        _ => return Some(Skip::Failed),
    }
    let Some(path) = line.path() else { return Some(Skip::NotGet) };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_tracker = matches!(path, "/js" | "/in.php") || name.ends_with("ns.gif");
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let is_static = |ending: &str| STATIC.binary_search(&ending).is_ok() || STATIC_TOO.contains(&ending);
    match ending {
        _ if is_tracker => Some(Skip::Tracker),
        Some(ending) if is_static(&ending) => Some(Skip::StaticFile),
        _ => None,
    }
}

/// Parts of paths that scanners ask for to find out what a server runs, in lower case. Hardly anybody follows a link there.
const SCANNED: [&str; 16] = [
    "/.",
    "/wp-",
    "xmlrpc.php",
    "phpmyadmin",
    "/pma",
    "/cgi-bin/",
    "/vendor/",
    "/phpunit",
    "eval-stdin",
    "/boaform",
    "/autodiscover",
    "/owa/",
    "/solr/",
    "/actuator",
    "/hnap1",
    "/manager/html",
];

/// Returns true if somebody followed a link to what was not found: the request names another page as its referrer, and is
/// none of those by which scanners look for weak programs.
fn is_followed(line: &LogLine<'_>) -> bool {
    let Some((_, rest)) = line.referrer.split_once("://").filter(|(scheme, _)| scheme.starts_with("http"))
    else {
        return false;
    };
    let Some(path) = line.path() else { return false };
    let from = rest.find('/').map_or("/", |start| &rest[start..]);
    let small = path.to_ascii_lowercase();
    from != path && !SCANNED.iter().any(|part| small.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_everything_else() {
        assert!(STATIC.is_sorted());
        for (request, status, expected) in [
            ("GET / HTTP/1.1", 200, None),
            ("GET /a/b.html?x=y.png HTTP/1.1", 304, None),
            ("GET /index.php HTTP/2.0", 200, None),
            ("GET /v1.2/notes HTTP/1.1", 200, None),
            ("GET /A.PNG?x HTTP/1.1", 200, Some(Skip::StaticFile)),
            ("GET /feed.xml HTTP/1.1", 200, Some(Skip::StaticFile)),
            ("GET /favicon.ico HTTP/1.1", 404, Some(Skip::Failed)),
            ("POST / HTTP/1.1", 200, Some(Skip::NotGet)),
            ("HEAD / HTTP/1.1", 200, Some(Skip::NotGet)),
            ("GET http://x.example/ HTTP/1.1", 200, None),
            ("GET http://x.example/a.png HTTP/1.1", 200, Some(Skip::StaticFile)),
            ("CONNECT mail.example:25 HTTP/1.1", 200, Some(Skip::NotGet)),
            ("GET /old HTTP/1.1", 301, Some(Skip::Redirect)),
            ("-", 408, Some(Skip::Failed)),
            ("GET /js HTTP/1.1", 200, Some(Skip::Tracker)),
            ("GET /7ns.gif HTTP/1.1", 200, Some(Skip::Tracker)),
        ] {
            let text =
                format!(r#"192.0.2.7 - - [10/Nov/2026:13:55:36 +0100] "{request}" {status} 1 "-" "x""#);
            assert_eq!(skip(&LogLine::parse(&text).unwrap()), expected, "{request}");
        }
    }

    #[test]
    fn a_request_for_what_is_not_there_is_a_page_view_if_somebody_followed_a_link() {
        for (request, status, referrer, expected) in [
            ("GET /old HTTP/1.1", 404, "https://a.example/blog", None),
            ("GET /old HTTP/1.1", 410, "https://elsewhere.example", None),
            ("GET /old HTTP/1.1", 404, "-", Some(Skip::Failed)),
            ("GET /old HTTP/1.1", 404, "android-app://com.example", Some(Skip::Failed)),
            ("GET /old HTTP/1.1", 404, "https://a.example/old", Some(Skip::Failed)),
            ("GET /old HTTP/1.1", 403, "https://a.example/blog", Some(Skip::Failed)),
            ("GET /wp-login.php HTTP/1.1", 404, "https://a.example/", Some(Skip::Failed)),
            ("GET /.env HTTP/1.1", 404, "https://www.google.com/", Some(Skip::Failed)),
            ("GET /old.png HTTP/1.1", 404, "https://a.example/blog", Some(Skip::StaticFile)),
            ("POST /old HTTP/1.1", 404, "https://a.example/blog", Some(Skip::Failed)),
        ] {
            let text = format!(
                r#"192.0.2.7 - - [10/Nov/2026:13:55:36 +0100] "{request}" {status} 1 "{referrer}" "x""#
            );
            assert_eq!(skip(&LogLine::parse(&text).unwrap()), expected, "{request} {status} {referrer}");
        }
    }
}
