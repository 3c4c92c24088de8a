//! Probes of servers that fail in scripted ways.

use super::*;
use crate::model::monitor::Statuses;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc;

/// Serves every connection in a scripted way, and reports each.
fn serve(address: &str, answer: impl Fn(TcpStream) + Send + 'static) -> (u16, mpsc::Receiver<()>) {
    let listener = TcpListener::bind(address).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            tell.send(()).unwrap_or_default();
            drop(stream.read(&mut [0; 4_096]));
            answer(stream);
        }
    });
    (port, told)
}

/// Serves these bytes to every connection.
fn serve_bytes(answer: Vec<u8>) -> String {
    let (port, _) = serve("127.0.0.1:0", move |mut stream| drop(stream.write_all(&answer)));
    format!("http://127.0.0.1:{port}/")
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn settings(url: &str) -> MonitorSettings {
    MonitorSettings {
        name: String::new(),
        url: url.to_owned(),
        every_minutes: 1,
        statuses: Statuses::default(),
        must_contain: String::new(),
        must_not_contain: String::new(),
        timeout_seconds: 1,
    }
}

fn prober(admits: fn(IpAddr) -> bool) -> Prober {
    Prober { trust: Trust::in_public_roots().unwrap(), admits }
}

fn problem_of(settings: &MonitorSettings) -> String {
    prober(|_| true).probe(settings).problem.unwrap_or_else(|| "none".to_owned())
}

#[test]
fn an_answer_as_expected_has_no_problem() {
    let url = serve_bytes(answer("200 OK", "", b"<h1>Open today</h1>"));
    let wanted = MonitorSettings {
        must_contain: "Open today".into(),
        must_not_contain: "Sold out".into(),
        ..settings(&url)
    };
    let found = prober(|_| true).probe(&wanted);
    assert_eq!((found.status, found.problem), (Some(200), None));
    assert!(found.milliseconds.is_some_and(|milliseconds| milliseconds < 1_000));
}

#[test]
fn a_wrong_status_and_a_wrong_text_are_named() {
    let broken = serve_bytes(answer("503 Service Unavailable", "", b"down"));
    assert_eq!(problem_of(&settings(&broken)), "Answered 503 instead of 200-299");
    let url = serve_bytes(answer("200 OK", "", b"Database error"));
    let wanted = MonitorSettings { must_contain: "Welcome".into(), ..settings(&url) };
    assert_eq!(problem_of(&wanted), "The text “Welcome” is missing");
    let wanted = MonitorSettings { must_not_contain: "error".into(), ..settings(&url) };
    assert_eq!(problem_of(&wanted), "The text “error” is there");
}

#[test]
fn a_server_that_does_not_answer_is_named_by_its_cause() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(problem_of(&settings(&format!("http://{closed}/"))), "The connection was refused");
    let unknown = problem_of(&settings("http://nobody.invalid/"));
    // The second one on a machine without a name server.
    assert!(["The name isn't known", "The name can't be looked up"].contains(&unknown.as_str()), "{unknown}");
    let (port, _) = serve("127.0.0.1:0", drop);
    let cut = problem_of(&settings(&format!("http://127.0.0.1:{port}/")));
    assert!(cut.contains("closed the connection") || cut.contains("was cut"), "{cut}");
    let noise = serve_bytes(b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec());
    assert_eq!(problem_of(&settings(&noise)), "The answer isn't valid HTTP");
    let short = serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec());
    assert_eq!(problem_of(&settings(&short)), "The answer broke off");
    let (held, holder) = mpsc::channel();
    let (port, _) = serve("127.0.0.1:0", move |stream| held.send(stream).unwrap_or_default());
    let silent = settings(&format!("http://127.0.0.1:{port}/"));
    assert_eq!(problem_of(&silent), "No complete answer within 1 second");
    drop(holder);
}

#[test]
fn a_body_that_comes_drop_by_drop_ends_with_the_timeout() {
    let (port, _) = serve("127.0.0.1:0", |mut stream| {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"));
        stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        // The client sends nothing more: each read waits a tenth of a second, until it hangs up.
        while stream.write_all(b"x").is_ok() {
            if matches!(stream.read(&mut [0; 1]), Ok(0)) {
                break;
            }
        }
    });
    let began = Instant::now();
    let slow = settings(&format!("http://127.0.0.1:{port}/"));
    assert_eq!(problem_of(&slow), "No complete answer within 1 second");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn of_a_gzip_bomb_only_the_first_mebibyte_is_read() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(b"hello").unwrap();
    let mebibyte = vec![b'0'; 1024 * 1024];
    for _ in 0..200 {
        packer.write_all(&mebibyte).unwrap();
    }
    packer.write_all(b"the end").unwrap();
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 1024 * 1024);
    let url = serve_bytes(answer("200 OK", "Content-Encoding: gzip\r\n", &bomb));
    let wanted = MonitorSettings { must_contain: "hello".into(), timeout_seconds: 10, ..settings(&url) };
    assert_eq!(problem_of(&wanted), "none");
    let wanted = MonitorSettings { must_contain: "the end".into(), ..wanted };
    assert_eq!(problem_of(&wanted), "The text “the end” is missing in the first MiB");
    let damaged = serve_bytes(answer("200 OK", "Content-Encoding: gzip\r\n", b"no gzip"));
    assert_eq!(problem_of(&settings(&damaged)), "The answer broke off");
    let other = serve_bytes(answer("200 OK", "Content-Encoding: br\r\n", b"x"));
    let said = problem_of(&settings(&other));
    assert_eq!(said, "The answer is compressed in a way that can't be read (br)");
}

/// Stands for the public internet: one address of this machine; its neighbors stand for the private network.
fn one_alone(address: IpAddr) -> bool {
    address == IpAddr::from([127, 0, 0, 1])
}

#[test]
fn no_redirect_leads_into_a_private_network() {
    let (inside, dialed) = serve("127.0.0.2:0", |mut stream| {
        drop(stream.write_all(&answer("200 OK", "", b"secret")));
    });
    let lead = |to: &str| serve_bytes(answer("302 Found", &format!("Location: {to}\r\n"), b""));
    for host in ["127.0.0.2", "[::ffff:127.0.0.2]", "2130706434", "0x7f.2"] {
        let url = lead(&format!("http://{host}:{inside}/"));
        let found = prober(one_alone).probe(&settings(&url));
        assert!(found.problem.is_some() && found.status.is_none(), "{host}: {found:?}");
        assert!(dialed.try_recv().is_err(), "{host} was dialed");
    }
    let direct = prober(one_alone).probe(&settings(&format!("http://127.0.0.2:{inside}/")));
    assert!(direct.problem.unwrap().contains("private network"));
    assert!(!prober(one_alone).reaches(&format!("http://127.0.0.2:{inside}/")));
    assert!(dialed.try_recv().is_err(), "it was dialed");
}

#[test]
fn a_redirect_is_followed_unless_it_is_what_is_expected() {
    let there = serve_bytes(answer("200 OK", "", b"hello"));
    let url = serve_bytes(answer("301 Moved Permanently", &format!("Location: {there}\r\n"), b""));
    let followed = MonitorSettings { must_contain: "hello".into(), ..settings(&url) };
    assert_eq!(problem_of(&followed), "none");
    let expected = MonitorSettings { statuses: Statuses::parse("301").unwrap(), ..settings(&url) };
    assert_eq!(problem_of(&expected), "none");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let circle = format!("http://{}/", listener.local_addr().unwrap());
    let lead = answer("302 Found", &format!("Location: {circle}\r\n"), b"");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            drop(stream.read(&mut [0; 4_096]));
            drop(stream.write_all(&lead));
        }
    });
    assert_eq!(problem_of(&settings(&circle)), "It redirects too many times");
}

/// Serves a page over HTTPS with a certificate valid until the first day of a year; returns the address and the certificate.
fn serve_tls(name: &str, year: i32) -> (String, RootCertStore) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            drop(stream.read(&mut [0; 4_096]));
            drop(stream.write_all(&answer("200 OK", "", b"hello")));
        }
    });
    (format!("https://localhost:{port}/"), roots)
}

#[test]
fn the_expiry_of_a_certificate_is_recorded_and_its_faults_are_named() {
    let probe = |(url, roots): (String, RootCertStore)| {
        let prober = Prober { trust: Trust::in_roots(roots).unwrap(), admits: |_| true };
        prober.probe(&MonitorSettings { must_contain: "hello".into(), timeout_seconds: 5, ..settings(&url) })
    };
    let fine = probe(serve_tls("localhost", 2099));
    assert_eq!(fine.problem, None);
    assert_eq!(fine.certificate_expires_at.unwrap().rfc3339(), "2099-01-01T00:00:00Z");
    let expired = probe(serve_tls("localhost", 2021));
    assert_eq!(expired.problem.as_deref(), Some("The certificate expired on Jan 1, 2021"));
    assert_eq!(expired.certificate_expires_at.unwrap().rfc3339(), "2021-01-01T00:00:00Z");
    let other = probe(serve_tls("other.example", 2099));
    assert_eq!(other.problem.as_deref(), Some("The certificate is for another name"));
    let (url, _) = serve_tls("localhost", 2099);
    let unknown = prober(|_| true).probe(&settings(&url));
    assert_eq!(unknown.problem.as_deref(), Some("The certificate isn't from a trusted authority"));
}
