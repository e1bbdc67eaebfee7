//! A device that keeps passkeys, in software, and the browser around it: it answers as the standard says, or wrongly where a
//! test wants it to (WebAuthn §6.1, §6.3, §6.5.4).

use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64, Engine as _};
use domain::{platform::random, second_factor::Ceremony};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Somebody is there.
const PRESENT: u8 = 0x01;
/// It is the owner: finger, face or PIN.
const VERIFIED: u8 = 0x04;
/// A new key comes along.
const WITH_KEY: u8 = 0x40;

/// A key, and how its device and browser behave.
pub(crate) struct SoftKey {
    pair: EcdsaKeyPair,
    pub(crate) id: Vec<u8>,
    pub(crate) counter: u32,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
    pub(crate) verifies: bool,
    pub(crate) names_owner: Option<Uuid>,
}

impl SoftKey {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        Self {
            pair: EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key"),
            id: random::bytes::<32>().to_vec(),
            counter: 0,
            origin: "http://localhost:3000".into(),
            rp_id: "localhost".into(),
            verifies: true,
            names_owner: None,
        }
    }

    /// What the browser sends after `navigator.credentials.create()`.
    pub(crate) fn create(&mut self, asked: &Ceremony) -> String {
        let options = &asked.public_key;
        let owner = BASE64.decode(options["user"]["id"].as_str().expect("a user")).expect("base64");
        self.names_owner = Uuid::from_slice(&owner).ok();
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "attestationObject": BASE64.encode(attestation(&data)),
                "transports": ["internal"],
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        })
        .to_string()
    }

    /// What the browser sends after `navigator.credentials.get()`. The counter goes up.
    pub(crate) fn get(&mut self, asked: &Ceremony) -> String {
        self.counter += 1;
        self.get_again(asked)
    }

    /// The same with the counter as it is.
    pub(crate) fn get_again(&self, asked: &Ceremony) -> String {
        let client_data = self.client_data("webauthn.get", &asked.public_key);
        let data = self.authenticator_data(0);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).expect("signs");
        json!({
            "id": BASE64.encode(&self.id),
            "rawId": BASE64.encode(&self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": BASE64.encode(client_data),
                "authenticatorData": BASE64.encode(data),
                "signature": BASE64.encode(signature.as_ref()),
                "userHandle": self.names_owner.map(|owner| BASE64.encode(owner.as_bytes())),
            },
            "clientExtensionResults": {},
        })
        .to_string()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, more: u8) -> Vec<u8> {
        let flags = PRESENT | more | if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// RFC 9053 §7.1.1: an elliptic curve key of P-256 for ES256.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 32]);
        key.extend(&point[33..65]);
        key
    }
}

/// `{"fmt": "none", "attStmt": {}, "authData": data}` in CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x64);
    object.extend(b"none");
    object.push(0x67);
    object.extend(b"attStmt");
    object.push(0xa0);
    object.push(0x68);
    object.extend(b"authData");
    object.push(0x58);
    object.push(u8::try_from(data.len()).expect("short"));
    object.extend(data);
    object
}

/// The same answer with another challenge in it.
pub(crate) fn asked_otherwise(asked: &Ceremony) -> Ceremony {
    let mut other = asked.clone();
    other.public_key["challenge"] = BASE64.encode(random::bytes::<32>()).into();
    other
}
