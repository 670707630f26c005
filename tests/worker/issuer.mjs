// An OAuth issuer that signs whatever it is told to.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";

export const ISSUER = "https://issuer.example/";
export const AUDIENCE = "https://tepal.example";

export const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
export const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
export const jwk = (pair, kid) => ({ kid, use: "sig", ...pair.publicKey.export({ format: "jwk" }) });
export const jwks = { keys: [jwk(rsa, "r"), jwk(p256, "e"), { kty: "oct", kid: "s", k: "c2VjcmV0" }] };

export const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
export const nowSecs = () => Math.floor(Date.now() / 1000);
export const claims = (more = {}) => {
  const standing = { iss: ISSUER, aud: AUDIENCE, sub: "jane", exp: nowSecs() + 600 };
  return { ...standing, scope: "tepal:read", ...more };
};

export function unsigned(header, payload) {
  return `${part(header)}.${part(payload)}`;
}

export function es256(payload, pair = p256, header = { alg: "ES256", kid: "e" }) {
  const text = unsigned(header, payload);
  const key = { key: pair.privateKey, dsaEncoding: "ieee-p1363" };
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

export function rs256(payload, header = { alg: "RS256", kid: "r", typ: "JWT" }) {
  const text = unsigned(header, payload);
  return `${text}.${sign("sha256", Buffer.from(text), rsa.privateKey).toString("base64url")}`;
}

export function hs256(payload, secret) {
  const text = unsigned({ alg: "HS256", kid: "r" }, payload);
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
