//! Tests of the standing of e-mail reports.

use super::*;
use crate::model::clock::Zone;
use crate::model::id::Token;
use crate::model::level::Level;
use crate::model::rhythm::Rhythm;
use crate::store::change;
use crate::store::digests;
use crate::store::links::LinkSettings;
use crate::store::shares::{self, NewShare};
use crate::store::sites::{Keys, NewSite};
use crate::store::users::NewUser;

const AT: Timestamp = Timestamp(1_795_000_000_000);

#[test]
fn who_set_up_a_report_outside_sees_no_failed_letter_of_it_once_they_are_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = crate::store::open(&folder.path().join("test.db"), true).unwrap();
    let (site, adam, id) = change(&mut file, |tx| {
        let user = |name, email| {
            users::create(tx, &NewUser { username: name, email, password: "x", created_at: AT })
        };
        let (owner, adam) = (user("ada", "a@a.example")?, user("adam", "b@a.example")?);
        let new = NewSite { domain: "a.example".into(), name: "A".into(), zone: Zone::utc() };
        let site = sites::create(tx, owner, &new, &Keys::generate()?, AT)?;
        let share = NewShare {
            level: Level::Administrator,
            given_by: Some(owner),
            given_as: "adam",
            is_invited: false,
            at: AT,
        };
        shares::create(tx, site, adam, &share)?;
        let choice = LinkSettings {
            name: "Mill".into(),
            expires_at: None,
            view: Visibility::default_guest().store(),
            embed_origins: Vec::new(),
            is_white_label: false,
            segment: None,
        };
        let link = links::create(tx, site, &Token::generate()?, &choice, None, Some(adam), AT)?;
        let outside = Outside {
            site,
            link: Some(link),
            recipient: "mill@m.example".into(),
            made_by: Some(adam),
            asked_at: None,
            confirmed_at: None,
        };
        let id = digests::create(tx, &Audience::Outside(outside), Rhythm::Monthly, AT)?;
        digests::confirm(tx, id, AT)?;
        Ok((site, adam, id))
    })
    .unwrap();
    let told = |file: &Connection| match find(file, &digests::get(file, id).unwrap(), AT).unwrap() {
        Standing::Open(recipient) => recipient.told_user,
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&file), Some(adam));
    change(&mut file, |tx| shares::delete(tx, site, adam)).unwrap();
    assert_eq!(told(&file), None, "an Administrator who is out reads a client's address");
}
