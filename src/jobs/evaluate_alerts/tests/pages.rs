//! Alerts on new referring sites and on pages that are not found.

use super::*;

#[actix_web::test]
async fn a_referring_site_is_told_once_when_it_is_new_and_sends_more_than_a_number() {
    let mut bench = Bench::new().await;
    for day in 1..=8 {
        bench.come_from(at(-24 * day), 30, "old.example").await;
    }
    let alert = bench.watch(AlertKind::Referrer, 20).await;
    bench.looks(8..9).await;
    bench.come_from(at(9), 30, "old.example").await;
    bench.come_from(at(9), 20, "new.example").await;
    bench.looks(9..10).await;
    assert_eq!(bench.events(alert).await, [], "20 visits are not more than 20, and one of both is not new");
    bench.come_from(at(10), 5, "new.example").await;
    bench.looks(10..12).await;
    bench.come_from(at(30), 40, "new.example").await;
    bench.looks(30..32).await;
    let titles: Vec<String> = bench.events(alert).await.into_iter().map(|event| event.title).collect();
    assert_eq!(titles, ["New referring site: new.example sent 25 visits"]);
}

#[actix_web::test]
async fn a_new_referring_site_is_found_among_a_hundred_known_ones_that_send_more() {
    const HOSTS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut bench = Bench::new().await;
    let mut known = Vec::new();
    for ten in HOSTS {
        for one in HOSTS {
            known.push(&*Box::leak(format!("known{ten}{one}.example").into_boxed_str()));
        }
    }
    for day in [8, 1] {
        for host in &known {
            bench.come_from(at(-24 * day), 4, host).await;
        }
    }
    let alert = bench.watch(AlertKind::Referrer, 2).await;
    bench.look(at(8)).await;
    for host in &known {
        bench.come_from(at(9), 4, host).await;
    }
    bench.come_from(at(9), 3, "new.example").await;
    bench.looks(10..15).await;
    let titles: Vec<String> = bench.events(alert).await.into_iter().map(|event| event.title).collect();
    assert_eq!(titles, ["New referring site: new.example sent 3 visits"]);
}

#[actix_web::test]
async fn pages_not_found_are_told_once_a_day_when_they_are_more_than_a_number() {
    let mut bench = Bench::new().await;
    let alert = bench.watch(AlertKind::NotFound, 20).await;
    bench.look(at(8)).await;
    bench.miss(at(9), 12, "https://a.example/gone").await;
    bench.miss(at(9), 8, "https://a.example/lost").await;
    bench.looks(9..10).await;
    assert_eq!(bench.events(alert).await, [], "20 views are not more than 20");
    bench.miss(at(10), 1, "https://a.example/lost").await;
    bench.looks(10..12).await;
    bench.miss(at(12), 30, "https://a.example/gone").await;
    bench.looks(12..14).await;
    bench.miss(at(33), 25, "https://a.example/lost").await;
    bench.looks(33..34).await;
    let events = bench.events(alert).await;
    let titles: Vec<&str> = events.iter().map(|event| event.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "25 views of pages that weren't found, more than 20",
            "21 views of pages that weren't found, more than 20"
        ]
    );
    let letters = bench.letters().await;
    assert!(letters[0].text.contains("Most of them: https://a.example/gone (12)."), "{}", letters[0].text);
}
