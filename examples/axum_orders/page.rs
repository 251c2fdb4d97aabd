//! The one page of the shop.

use std::fmt::Write as _;

use emissions::Counters;

use super::shop::Shop;

/// The page: a form, what was done for the latest orders, and where every event ended up.
pub(crate) fn render(shop: &Shop, counters: &Counters) -> String {
    let mut done = String::new();
    for (order_id, what) in shop.lately() {
        // Writing to a string does not fail.
        let _ = write!(done, "<tr><td class=number>{order_id}</td><td>{}</td></tr>", escape(&what));
    }
    if done.is_empty() {
        done.push_str("<tr><td colspan=2 class=none>No order has been taken yet.</td></tr>");
    }
    let figures = [
        ("emitted", counters.emitted),
        ("delivered", counters.delivered),
        ("failed", counters.failed),
        ("dropped with their request", counters.dropped_terminated + counters.dropped_abandoned),
        ("dropped: no room", counters.dropped_full),
        ("in open requests", counters.buffered),
        ("in flight", counters.in_flight),
    ];
    let mut sums = String::new();
    for (name, figure) in figures {
        let _ = write!(sums, "<tr><td>{name}</td><td class=number>{figure}</td></tr>");
    }
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Orders</title><style>{STYLE}</style><main><h1>Orders</h1>\
         <form method=post action=/orders><label>Customer <input name=customer required value='Ada Lovelace'></label>\
         <label>Article <input name=article required value='Punched cards'></label>\
         <label>Pieces <input name=pieces type=number required value=3></label>\
         <button>Order</button></form>\
         <p>None, or more than 99 pieces, are refused after the stock was reserved: neither event is delivered.</p>\
         <h2>Done for the latest orders</h2><table><tr><th class=number>Order</th><th>What</th></tr>{done}</table>\
         <h2>Events</h2><table>{sums}</table></main></html>"
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1d2330;background:#f5f6f8}\
    main{max-width:46rem;margin:2rem auto;padding:0 1rem}h1{margin:0 0 1rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\
    form{display:flex;gap:1rem;flex-wrap:wrap;align-items:end;background:#fff;padding:1rem;border:1px solid #d9dde5}\
    label{display:grid;font-size:.85rem;color:#4a5366}input{font:inherit;color:#1d2330;padding:.3rem .5rem;\
    border:1px solid #b8bfcc;width:11rem}input[type=number]{width:5rem}\
    button{font:inherit;padding:.4rem 1.2rem;border:0;background:#1f5fbf;color:#fff}\
    p,.none{color:#4a5366}table{border-collapse:collapse;width:100%;background:#fff}\
    td,th{border:1px solid #d9dde5;padding:.35rem .7rem;text-align:left}\
    .number{text-align:right;width:8rem;font-variant-numeric:tabular-nums}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
