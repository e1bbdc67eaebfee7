//! Solves a captcha beside the page, in a worker of its own: the page stays alive meanwhile.

use domain::identity::captcha::Work;
use web_sys::{
    MessageEvent, Worker,
    js_sys::{Promise, futures::JsFuture},
    wasm_bindgen::{JsCast as _, JsValue},
};

/// The file in `public/`; it says how it is talked to.
const WORKER: &str = "/captcha.js";

/// What to send as `captcha`. Nothing where no worker can work; the person then waits, as without wasm.
pub(super) async fn solve(work: &Work) -> Option<String> {
    let worker = Worker::new(WORKER).ok()?;
    let task = format!("{} {} {}", work.seed, work.count, work.bits);
    let answer = Promise::new(&mut |done, failed| {
        worker.set_onmessage(Some(&done));
        worker.set_onerror(Some(&failed));
        let _ = worker.post_message(&JsValue::from_str(&task));
    });
    let answer = JsFuture::from(answer).await;
    worker.terminate();
    let numbers = answer.ok()?.dyn_into::<MessageEvent>().ok()?.data().as_string()?;
    Some(work.solved_by(&numbers))
}
