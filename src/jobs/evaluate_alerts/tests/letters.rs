//! The letters of alerts: to whom they go, how often, and when they end.

use super::*;

#[actix_web::test]
async fn an_own_alert_stops_with_a_note_when_its_person_may_no_longer_see_what_it_tells() {
    let mut bench = Bench::new().await;
    bench.four_weeks(10).await;
    let settings = AlertSettings::proposed(AlertKind::Spike);
    let alert = bench.set(Some(bench.vera), settings.clone()).await;
    bench.look(at(9)).await;
    let (site, actor) = (bench.site.id, bench.actor());
    let hidden = Visibility::from_names(["pages"], []);
    bench.app.write(move |tx| view_only::update_site(tx, &actor, site, &hidden)).await.unwrap();
    bench.come(at(10), 80).await;
    bench.looks(10..12).await;
    let stored = bench.app.read(move |connection| alerts::find(connection, alert)).await.unwrap().unwrap();
    assert!(stored.stopped.is_some());
    let letters = bench.letters().await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert!(
        letters[0].subject.contains("An alert stopped") && !letters[0].text.contains("80"),
        "{letters:?}"
    );
    let refused = {
        let (site, actor, scope) =
            (bench.site.clone(), bench.actor(), AlertScope { site: bench.site.id, owner: Some(bench.vera) });
        bench.app.write(move |tx| rules::change(tx, &actor, &site, scope, alert, settings.clone())).await
    };
    assert!(refused.unwrap_err().to_string().contains("doesn't show you"));
    assert_ne!(bench.ada, bench.vera);
}

#[actix_web::test]
async fn an_event_found_twice_is_told_once_also_when_the_program_ended_in_between() {
    let mut bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Online, 5).await;
    bench.look(at(9)).await;
    bench.come(at(9), 7).await;
    bench.clock.store(at(9).after(Duration::from_secs(30)).0, Ordering::SeqCst);
    let watching = bench.app.read(alerts::list_watching).await.unwrap();
    let hours = Arc::clone(&bench.app.alert_hours);
    let id = bench.site.id;
    let found = bench.app.view(move |reader| look_at(reader, &[(id, watching)], &hours)).await.unwrap();
    assert!(
        matches!(&found[0].seen, look::Seen::Changes(_, changes) if matches!(changes[..], [Change::Fire(..)]))
    );
    // What was found is written by a program that ended right after, and by the one that began then.
    for _ in 0..2 {
        deliver(&bench.app, found.clone()).await.unwrap();
    }
    bench.look(at(9).after(Duration::from_secs(50))).await;
    assert_eq!(bench.events(alert).await.len(), 1);
    assert_eq!(bench.letters().await.len(), 2, "ada and vera");
}

#[actix_web::test]
async fn more_alerts_in_an_hour_than_letters_may_tell_are_counted_in_the_next_one() {
    let mut bench = Bench::new().await;
    let goal = bench.goal().await;
    let each = AlertSettings { goal: Some(goal), threshold: 0, ..AlertSettings::proposed(AlertKind::Goal) };
    let alert = bench.set(Some(bench.ada), each).await;
    bench.look(at(8)).await;
    for minute in 0..30 {
        let now = at(9).after(Duration::from_mins(minute));
        bench.convert(now, goal, 0).await;
        bench.look(now.after(Duration::from_secs(20))).await;
    }
    assert_eq!((bench.events(alert).await.len(), bench.letters().await.len()), (30, 20));
    bench.convert(at(11), goal, 0).await;
    bench.look(at(11).after(Duration::from_secs(20))).await;
    let letters = bench.letters().await;
    let last = letters.last().unwrap();
    assert!(letters.len() == 21 && last.text.contains("And 10 more alerts before this one"), "{}", last.text);
}

#[actix_web::test]
async fn nobody_is_mailed_whose_address_is_not_confirmed() {
    let mut bench = Bench::new().await;
    bench.watch(AlertKind::Online, 5).await;
    let unproved = bench.app.write(|tx| {
        users::create(
            tx,
            &NewUser { username: "uma", email: "uma@a.example", password: "x", created_at: Timestamp(0) },
        )
    });
    let (uma, site, ada) = (unproved.await.unwrap(), bench.site.id, bench.ada);
    let shared = bench.app.write(move |tx| {
        let share = NewShare {
            level: Level::User,
            given_by: Some(ada),
            given_as: "uma",
            is_invited: false,
            at: Timestamp(0),
        };
        shares::create(tx, site, uma, &share)
    });
    shared.await.unwrap();
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    let told = bench.subjects().await;
    assert!(told.len() == 2 && told.iter().all(|subject| !subject.starts_with("uma@")), "{told:?}");
    let listed = bench.app.read(move |connection| crate::alerts::received::count_unseen(connection, uma));
    assert_eq!(listed.await.unwrap(), 1, "behind the bell");
}

#[actix_web::test]
async fn letters_that_were_ended_go_on_once_mail_is_switched_on_again() {
    let mut bench = Bench::new().await;
    let settings = AlertSettings { threshold: 5, ..AlertSettings::proposed(AlertKind::Online) };
    let alert = bench.set(Some(bench.vera), settings.clone()).await;
    let (site, vera, actor) = (bench.site.clone(), bench.vera, bench.actor());
    let changed = bench.app.write(move |tx| {
        let known = alerts::find(tx, alert)?.unwrap();
        crate::alerts::mail::set(tx, &site, &known, vera, false, Timestamp(1))?;
        let scope = AlertScope { site: site.id, owner: Some(vera) };
        rules::change(tx, &actor, &site, scope, alert, settings.clone())
    });
    changed.await.unwrap();
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    assert_eq!(bench.letters().await.len(), 1);
}

#[actix_web::test]
async fn letters_end_by_the_token_in_them() {
    let mut bench = Bench::new().await;
    bench.watch(AlertKind::Online, 5).await;
    bench.come(at(9), 7).await;
    bench.look(at(9).after(Duration::from_secs(30))).await;
    let letters = bench.letters().await;
    let of_vera = letters.iter().find(|letter| letter.recipient == "vera@a.example").unwrap();
    let token = of_vera.unsubscribe.as_ref().unwrap().rsplit('/').next().unwrap().to_owned();
    let now = bench.app.clock.now();
    bench.app.write(move |tx| crate::alerts::unsubscribe::end(tx, &token, now).map(drop)).await.unwrap();
    let known = letters.len();
    for hour in 10..16 {
        bench.looks(hour..hour + 1).await;
    }
    bench.come(at(16), 7).await;
    bench.look(at(16).after(Duration::from_secs(30))).await;
    let later = bench.subjects().await.split_off(known);
    assert!(later.iter().all(|subject| subject.starts_with("ada@")) && !later.is_empty(), "{later:?}");
}
