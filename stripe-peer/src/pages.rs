//! Pages that a browser can open: checkout and portal, as plain as can be.

use std::fmt::Write as _;

use axum::{body::Body, response::Response};

use crate::{
    Peer,
    api::sessions::{complete_checkout, use_portal},
    params::{decode, text},
    world::World,
};

pub(crate) fn serve(peer: &Peer, is_post: bool, path: &[&str], body: &str) -> Response {
    let mut inner = peer.lock();
    let world = &mut inner.world;
    let form = decode(body);
    match (is_post, path) {
        (false, ["checkout", id]) => checkout(world, id, ""),
        (true, ["checkout", id]) => {
            match complete_checkout(world, id, text(&form, "card").unwrap_or_default()) {
                Ok(onward) => see(&onward),
                Err(refusal) => {
                    let message = refusal.body()["error"]["message"].as_str().unwrap_or_default().to_owned();
                    checkout(world, id, &message)
                }
            }
        }
        (false, ["portal", id]) => portal(world, id, ""),
        (true, ["portal", id]) => match use_portal(world, id, &form) {
            Ok(()) => see(&format!("/portal/{id}")),
            Err(refusal) => {
                let message = refusal.body()["error"]["message"].as_str().unwrap_or_default().to_owned();
                portal(world, id, &message)
            }
        },
        (false, ["invoice", id]) if world.get("invoice", id).is_ok() => {
            page(200, "Invoice", &format!("<p>Invoice {}</p>", escaped(id)))
        }
        _ => page(404, "Nothing here", "<p>Nothing here.</p>"),
    }
}

fn checkout(w: &World, id: &str, problem: &str) -> Response {
    let Ok(session) = w.get("checkout.session", id) else {
        return page(404, "Nothing here", "<p>Nothing here.</p>");
    };
    if session["status"] != "open" {
        return page(410, "Checkout", "<p>This page has been used already.</p>");
    }
    let cancel = session["cancel_url"].as_str().unwrap_or("/");
    let main = format!(
        "{}<form method=\"post\"><p><label>Card number <input name=\"card\" inputmode=\"numeric\" required></label></p>\
         <p><button>Pay</button> <a href=\"{}\">Back</a></p></form>",
        told(problem),
        escaped(cancel),
    );
    page(if problem.is_empty() { 200 } else { 402 }, "Checkout", &main)
}

fn portal(w: &World, id: &str, problem: &str) -> Response {
    let Ok(session) = w.get("billing_portal.session", id) else {
        return page(404, "Nothing here", "<p>Nothing here.</p>");
    };
    let customer = &session["customer"];
    let mut main = told(problem);
    for subscription in
        w.all("subscription").filter(|it| it["customer"] == *customer && it["status"] != "canceled")
    {
        let id = escaped(subscription["id"].as_str().unwrap_or_default());
        let (act, label) = if subscription["cancel_at_period_end"] == true {
            ("resume", "Don’t cancel subscription")
        } else {
            ("cancel", "Cancel subscription")
        };
        let _ = write!(
            main,
            "<form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"{act}\">\
             <input type=\"hidden\" name=\"subscription\" value=\"{id}\"><p>{id} <button>{label}</button></p></form>"
        );
    }
    for method in w.all("payment_method").filter(|method| method["customer"] == *customer) {
        let _ = write!(
            main,
            "<p>Card ending in {}</p>",
            escaped(method["card"]["last4"].as_str().unwrap_or_default())
        );
    }
    let _ = write!(
        main,
        "<form method=\"post\"><input type=\"hidden\" name=\"act\" value=\"card\">\
         <p><label>Card number <input name=\"card\" inputmode=\"numeric\" required></label> <button>Add card</button></p></form>\
         <p><a href=\"{}\">Return</a></p>",
        escaped(session["return_url"].as_str().unwrap_or("/")),
    );
    page(if problem.is_empty() { 200 } else { 402 }, "Billing", &main)
}

fn told(problem: &str) -> String {
    if problem.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escaped(problem)) }
}

fn page(status: u16, title: &str, main: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title} (stand-in for Stripe)</title>\
         <main><h1>{title}</h1>{main}</main></html>"
    );
    let response = Response::builder().status(status).header("content-type", "text/html; charset=utf-8");
    response.body(Body::from(html)).unwrap_or_default()
}

fn see(onward: &str) -> Response {
    Response::builder().status(303).header("location", onward).body(Body::empty()).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    let pairs = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(*from, to))
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_somebody_wrote_stays_text() {
        assert_eq!(escaped("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}
