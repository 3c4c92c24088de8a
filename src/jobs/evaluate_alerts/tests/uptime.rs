//! Alerts on outages and certificates.

use super::*;

#[actix_web::test]
async fn an_outage_is_told_when_it_is_confirmed_and_when_it_ends_and_one_of_this_servers_network_is_not() {
    let bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Outage, 0).await;
    let (site, now) = (bench.site.id, at(9));
    let settings = MonitorSettings {
        name: "Shop".into(),
        url: "https://a.example/".into(),
        every_minutes: 5,
        statuses: Statuses::default(),
        must_contain: String::new(),
        must_not_contain: String::new(),
        timeout_seconds: 10,
    };
    let monitor: MonitorId =
        bench.app.write(move |tx| monitors::create(tx, site, &settings, now)).await.unwrap();
    bench.look(now).await;
    let begin = |network| {
        bench.app.write(move |tx| {
            outages::create(tx, monitor, now, now.after(Duration::from_secs(40)), "Answered 503", network)
        })
    };
    begin(Network::Own).await.unwrap();
    bench.look(now.after(Duration::from_mins(1))).await;
    assert!(bench.events(alert).await.is_empty());
    bench.app.write(move |tx| outages::end_open(tx, monitor, now)).await.unwrap();
    begin(Network::Unknown).await.unwrap();
    bench.look(now.after(Duration::from_mins(1))).await;
    bench.look(now.after(Duration::from_mins(2))).await;
    let ended = now.after(Duration::from_mins(12));
    bench.app.write(move |tx| outages::end_open(tx, monitor, ended)).await.unwrap();
    bench.look(now.after(Duration::from_mins(13))).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].title, "Shop is down: Answered 503");
    // View Only people see the report on uptime where it was chosen.
    let letters = bench.letters().await;
    let of_ada: Vec<&Letter> = letters.iter().filter(|letter| letter.recipient == "ada@a.example").collect();
    assert!(of_ada[0].text.contains("It may be this server's own network"), "{}", of_ada[0].text);
    assert_eq!(of_ada[1].subject, "a.example: Shop is up again after 12m 0s");
    assert_eq!(of_ada.len(), 2);
    // Pausing a monitor ends its outage, and says nothing of the page.
    let later = now.after(Duration::from_mins(30));
    let begun = bench.app.write(move |tx| {
        outages::create(
            tx,
            monitor,
            later,
            later.after(Duration::from_secs(40)),
            "Answered 503",
            Network::Fine,
        )
    });
    begun.await.unwrap();
    bench.look(later.after(Duration::from_mins(1))).await;
    bench.app.write(move |tx| outages::cut_open(tx, monitor, later)).await.unwrap();
    bench.look(later.after(Duration::from_mins(2))).await;
    let letters = bench.letters().await;
    let up = letters
        .iter()
        .filter(|letter| letter.recipient == "ada@a.example" && letter.subject.contains("up again"));
    assert_eq!(up.count(), 1);
}

#[actix_web::test]
async fn a_certificate_is_told_once_until_it_is_renewed() {
    let bench = Bench::new().await;
    let alert = bench.watch(AlertKind::Certificate, 14).await;
    let (site, now) = (bench.site.id, at(9));
    let settings = MonitorSettings {
        name: String::new(),
        url: "https://a.example/".into(),
        every_minutes: 5,
        statuses: Statuses::default(),
        must_contain: String::new(),
        must_not_contain: String::new(),
        timeout_seconds: 10,
    };
    let monitor = bench.app.write(move |tx| monitors::create(tx, site, &settings, now)).await.unwrap();
    let expires = |days: u64| {
        bench.app.write(move |tx| {
            let mut state = monitors::get(tx, site, monitor)?.state;
            state.certificate_expires_at = Some(now.after(Duration::from_hours(24 * days)));
            monitors::set_state(tx, monitor, &state)
        })
    };
    expires(20).await.unwrap();
    bench.looks(9..11).await;
    assert!(bench.events(alert).await.is_empty());
    bench.looks(9 + 24 * 8..12 + 24 * 8).await;
    expires(90).await.unwrap();
    bench.looks(12 + 24 * 8..14 + 24 * 8).await;
    let events = bench.events(alert).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].title.starts_with("The certificate of a.example expires in 1"), "{events:?}");
}
