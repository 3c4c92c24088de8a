//! The client that fetches pages of other servers, without giving access to the operator's own network: every
//! address is checked after the name was resolved, also at every redirect.

mod certificate;
pub mod page_code;
pub mod probe;
mod recording_tls;
pub mod webhook_post;

use crate::error::{Error, Result};
use crate::limits;
use crate::model::special_address;
use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, ResponseExt};

/// The response of a page's server.
#[derive(Debug)]
pub struct FetchedPage {
    /// The address after the last redirect.
    pub address: String,
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Security-Policy`, if there is one.
    pub policy: Option<String>,
    /// The document, up to `FETCH_BYTES_MAX` bytes.
    pub text: String,
}

/// A client that fetches pages.
pub struct Fetcher(Agent);

/// A resolver that returns only admitted addresses.
#[derive(Debug)]
struct Guard<R> {
    resolver: R,
    admits: fn(IpAddr) -> bool,
}

/// The error for a name whose addresses are all private.
#[derive(Debug)]
struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("it leads to a private network")
    }
}

impl std::error::Error for NotPublic {}

impl<R: Resolver> Resolver for Guard<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let resolved = self.resolver.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        for socket in &resolved[..] {
            if (self.admits)(socket.ip()) {
                allowed.push(*socket);
            }
        }
        if allowed.is_empty() { Err(ureq::Error::Other(Box::new(NotPublic))) } else { Ok(allowed) }
    }
}

impl Fetcher {
    /// Returns a client that may reach private networks, or may not.
    pub fn new(allows_private: bool) -> Self {
        Self::admitting(if allows_private { |_| true } else { special_address::is_public })
    }

    fn admitting(admits: fn(IpAddr) -> bool) -> Self {
        let config = Agent::config_builder()
            // A proxy from the environment would resolve names itself, without this check.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(limits::FETCH_REDIRECTS_MAX)
            .timeout_global(Some(limits::FETCH_WITHIN))
            .max_idle_connections(0)
            .user_agent(concat!("Clickstead/", env!("CARGO_PKG_VERSION"), " (page code check)"))
            .accept("text/html")
            .build();
        let guard = Guard { resolver: DefaultResolver::default(), admits };
        Self(Agent::with_parts(config, DefaultConnector::default(), guard))
    }

    /// Returns a page; takes `FETCH_WITHIN` at most.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid`, whose sentence for the user says why the page cannot be fetched.
    pub fn get(&self, address: &str) -> Result<FetchedPage> {
        let refused = |sentence: String| Error::invalid("page", sentence);
        let mut response = self.0.get(address).call().map_err(|error| refused(explain(address, &error)))?;
        let status = response.status().as_u16();
        let policy = response.headers().get("content-security-policy");
        let policy = policy.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let address = response.get_uri().to_string();
        let mut bytes = Vec::new();
        let body = response.body_mut().as_reader().take(limits::FETCH_BYTES_MAX).read_to_end(&mut bytes);
        body.map_err(|error| refused(format!("{address} broke off: {error}.")))?;
        Ok(FetchedPage { address, status, policy, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

fn explain(address: &str, error: &ureq::Error) -> String {
    match error {
        ureq::Error::Other(inner) if inner.is::<NotPublic>() => format!(
            "{address} was not fetched: it leads to a private network, where this server does not look. Whoever runs the \
             server can allow that with --allow-private-targets."
        ),
        ureq::Error::HostNotFound => {
            format!("{address} was not found: the name is not known. Is it spelled right?")
        }
        ureq::Error::Timeout(_) => {
            format!("{address} did not answer within {} seconds.", limits::FETCH_WITHIN.as_secs())
        }
        ureq::Error::TooManyRedirects => format!("{address} leads on and on: too many redirects."),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            format!("{address} can't be trusted: its certificate is not right ({error}).")
        }
        ureq::Error::Io(inner) => format!("{address} can't be reached: {inner}."),
        error => format!("{address} can't be fetched: {error}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::sync::mpsc;

    /// Answers every connection with these bytes and reports it.
    fn serve(address: &str, answer: String) -> (u16, mpsc::Receiver<()>) {
        serve_on(TcpListener::bind(address).unwrap(), answer)
    }

    fn serve_on(listener: TcpListener, answer: String) -> (u16, mpsc::Receiver<()>) {
        let port = listener.local_addr().unwrap().port();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                tell.send(()).unwrap_or_default();
                let mut request = [0; 4_096];
                drop(stream.read(&mut request));
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        (port, told)
    }

    fn page(body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    }

    fn redirect(to: &str) -> String {
        format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    fn sentence(error: Error) -> String {
        let Error::Invalid(problems) = error else { panic!("{error}") };
        problems[0].sentence.clone()
    }

    /// Stands for the public internet: one address of this machine; its neighbours stand for the private network.
    fn one_alone(address: IpAddr) -> bool {
        address == IpAddr::from([127, 0, 0, 1])
    }

    /// A name that has some addresses of its own network beside a public one.
    #[derive(Debug)]
    struct Mixed(&'static [&'static str]);

    impl Resolver for Mixed {
        fn resolve(
            &self,
            _: &Uri,
            _: &ureq::config::Config,
            _: NextTimeout,
        ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
            let mut found = self.empty();
            self.0.iter().for_each(|address| found.push(address.parse().unwrap()));
            Ok(found)
        }
    }

    #[test]
    fn of_a_name_with_public_and_private_addresses_only_the_public_ones_are_dialled() {
        let resolve = |addresses: &'static [&'static str]| {
            let guard = Guard { resolver: Mixed(addresses), admits: special_address::is_public };
            let found = guard.resolve(
                &"http://mixed.example/".parse().unwrap(),
                &Agent::config_builder().build(),
                NextTimeout::default(),
            );
            found.map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            resolve(&["10.0.0.1:80", "93.184.215.14:80", "[fd00::1]:80", "[2606:2800:21f::1]:80"]).unwrap(),
            ["93.184.215.14:80", "[2606:2800:21f::1]:80"]
        );
        let refused = resolve(&["192.168.1.1:80", "[::ffff:127.0.0.1]:80"]).unwrap_err();
        assert!(matches!(refused, ureq::Error::Other(inner) if inner.is::<NotPublic>()));
    }

    #[test]
    fn every_redirect_is_judged_where_it_is_dialled() {
        let (inside, dialled) = serve("127.0.0.2:0", page("secret"));
        let fetcher = Fetcher::admitting(one_alone);
        for to in [
            format!("http://127.0.0.2:{inside}/"),
            format!("http://[::ffff:127.0.0.2]:{inside}/"),
            format!("http://2130706434:{inside}/"),
            format!("http://0x7f.2:{inside}/"),
        ] {
            let (port, _) = serve("127.0.0.1:0", redirect(&to));
            let refused = sentence(fetcher.get(&format!("http://127.0.0.1:{port}/")).unwrap_err());
            assert!(!refused.contains("secret"), "{to}: {refused}");
            assert!(dialled.try_recv().is_err(), "{to} was dialled");
        }
        let (port, _) = serve("127.0.0.1:0", page("hello"));
        let (first, _) = serve("127.0.0.1:0", redirect(&format!("http://127.0.0.1:{port}/there")));
        let page = fetcher.get(&format!("http://127.0.0.1:{first}/")).unwrap();
        assert_eq!((page.text.as_str(), page.status), ("hello", 200));
        assert!(page.address.ends_with("/there"));
    }

    #[test]
    fn nothing_on_this_machine_is_fetched_unless_the_operator_allows_it() {
        let (port, dialled) = serve("127.0.0.1:0", page("secret"));
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1"] {
            let address = format!("http://{host}:{port}/");
            let refused = sentence(Fetcher::new(false).get(&address).unwrap_err());
            assert!(refused.contains("private network"), "{host}: {refused}");
        }
        assert!(dialled.try_recv().is_err(), "it was dialled");
        let page = Fetcher::new(true).get(&format!("http://127.0.0.1:{port}/")).unwrap();
        assert_eq!(page.text, "secret");
    }

    #[test]
    fn a_server_that_leads_in_circles_is_left() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let (_, dialled) = serve_on(listener, redirect(&address));
        let refused = sentence(Fetcher::new(true).get(&address).unwrap_err());
        assert!(refused.contains("redirects"), "{refused}");
        assert!(dialled.iter().take(6).count() <= 6);
    }
}
