//! A program of our own API: its credentials, and the batches of hits that it sends.

use super::harness::{Desk, Server};
use super::http::{Answer, Request, get, post_json};
use serde_json::{Value, json};

/// A program with the key of site 1, or with a person's token.
#[derive(Clone)]
pub struct Program {
    header: (&'static str, String),
}

impl Program {
    pub fn with_key(desk: &Desk) -> Self {
        let key = desk.texts("select site_key from sites where id = 1").remove(0);
        Self { header: ("X-Site-Key", key) }
    }

    /// With a new token of a person, as wide as the file can hold one: what it opens is what the person may do.
    pub fn with_token(desk: &Desk, user: &str, may_write: bool) -> Self {
        let number =
            desk.number("select count(*) + coalesce(max(seq), 0) from sqlite_sequence where name = 'tokens'");
        let token = format!("cst_{number:040x}");
        let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let sql = "insert into tokens (token_hash, user_id, name, may_write, has_all_sites, created_at)
                   select ?1, id, 'test', ?2, 1, 0 from users where username = ?3";
        desk.open().execute(sql, (hash.as_ref(), may_write, user)).unwrap();
        Self { header: ("Authorization", format!("Bearer {token}")) }
    }

    /// The header with its credentials.
    pub fn header(&self) -> (&'static str, &str) {
        (self.header.0, &self.header.1)
    }

    pub fn sign(&self, request: Request) -> Request {
        request.header(self.header.0, &self.header.1)
    }

    pub fn get(&self, server: &Server<'_>, path: &str) -> Answer {
        server.ask(&self.sign(get(path)))
    }

    /// The request with a batch for site 1.
    pub fn batch(&self, hits: &[Value]) -> Request {
        self.sign(post_json("/api/v1/sites/1/hits", &json!({ "hits": hits }).to_string()))
    }

    /// Sends a batch, which must be taken.
    pub fn send(&self, server: &Server<'_>, hits: &[Value]) -> Value {
        let answer = server.ask(&self.batch(hits));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

/// A page view of a visitor at this address, with an id.
pub fn hit(id: &str, address: &str, path: &str) -> Value {
    json!({ "id": id, "href": path, "ip_address": address, "user_agent": super::harness::BROWSER })
}
