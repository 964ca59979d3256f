import { Buffer } from "node:buffer";
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
} from "node:crypto";
import { LIBCRYPTO, type Libcrypto } from "../native/libcrypto.ts";

/** Bytes of a tag (RFC 5288 section 3). */
export const TAG_BYTES = 16;

/** What a text is encrypted with. */
export interface AeadInput {
  /** 16 or 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** What is authenticated besides. */
  readonly aad: Uint8Array;
}

/** AES-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16. */
export interface Aead {
  /** Encrypts `content` into the beginning of `target`, its tag behind it. */
  seal(input: AeadInput, content: Uint8Array, target: Uint8Array): void;
  /**
   * Decrypts what `seal` made, its tag included.
   *
   * @returns bytes of their own; nothing where anything was changed.
   */
  open(input: AeadInput, sealed: Uint8Array): Buffer | undefined;
}

/** The fastest that there is here: libcrypto's, else Deno's. */
export function createAead(): Aead {
  return LIBCRYPTO === undefined
    ? new NodeAead()
    : new LibcryptoAead(LIBCRYPTO);
}

/** By node:crypto, which makes a stream for every text. */
export class NodeAead implements Aead {
  seal(
    { key, nonce, aad }: AeadInput,
    content: Uint8Array,
    target: Uint8Array,
  ): void {
    const cipher = createCipheriv(algorithmOf(key), key, nonce);
    cipher.setAAD(aad);
    target.set(cipher.update(content));
    cipher.final();
    target.set(cipher.getAuthTag(), content.length);
  }

  open(
    { key, nonce, aad }: AeadInput,
    sealed: Uint8Array,
  ): Buffer | undefined {
    const length = sealed.length - TAG_BYTES;
    const cipher = createDecipheriv(algorithmOf(key), key, nonce);
    cipher.setAuthTag(sealed.subarray(length));
    cipher.setAAD(aad);
    const content = cipher.update(sealed.subarray(0, length));
    try {
      cipher.final();
      return content;
    } catch {
      return undefined;
    }
  }
}

function algorithmOf({ length }: Uint8Array): CipherGCMTypes {
  return length === 16 ? "aes-128-gcm" : "aes-256-gcm";
}

/** Of OpenSSL's headers. */
const ENCRYPT = 1;
const DECRYPT = 0;
const EVP_CTRL_GCM_GET_TAG = 0x10;
const EVP_CTRL_GCM_SET_TAG = 0x11;

/** By libcrypto, in contexts that all connections of a thread share. */
export class LibcryptoAead implements Aead {
  readonly #libcrypto: Libcrypto;
  /** By the bytes of a key. */
  readonly #contexts: Record<16 | 32, Deno.PointerValue>;
  readonly #length = new Uint8Array(new ArrayBuffer(4));

  constructor(libcrypto: Libcrypto) {
    this.#libcrypto = libcrypto;
    const { EVP_aes_128_gcm, EVP_aes_256_gcm } = libcrypto;
    this.#contexts = {
      16: this.#createContext(EVP_aes_128_gcm()),
      32: this.#createContext(EVP_aes_256_gcm()),
    };
  }

  seal(input: AeadInput, content: Uint8Array, target: Uint8Array): void {
    const { EVP_CipherFinal_ex, EVP_CIPHER_CTX_ctrl } = this.#libcrypto;
    const context = this.#begin(input, ENCRYPT);
    const { length } = content;
    const tag = target.subarray(length, length + TAG_BYTES);
    const isSealed = this.#update(context, content, target) &&
      EVP_CipherFinal_ex(context, tag, this.#length) === 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) === 1;
    if (!isSealed) throw new Error("libcrypto could not encrypt a record");
  }

  open(input: AeadInput, sealed: Uint8Array): Buffer | undefined {
    const { EVP_CipherFinal_ex, EVP_CIPHER_CTX_ctrl } = this.#libcrypto;
    const context = this.#begin(input, DECRYPT);
    const length = sealed.length - TAG_BYTES;
    const content = Buffer.allocUnsafeSlow(length);
    const tag = sealed.subarray(length);
    const isOpen = this.#update(context, sealed.subarray(0, length), content) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) ===
        1 &&
      EVP_CipherFinal_ex(context, this.#rest, this.#length) === 1;
    return isOpen ? content : undefined;
  }

  /** GCM has nothing left at the end, but libcrypto wants a place for it. */
  readonly #rest = new Uint8Array(new ArrayBuffer(TAG_BYTES));

  #createContext(cipher: Deno.PointerValue): Deno.PointerValue {
    const { EVP_CIPHER_CTX_new, EVP_CipherInit_ex } = this.#libcrypto;
    const context = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(context, cipher, null, null, null, ENCRYPT);
    return context;
  }

  #begin(
    { key, nonce, aad }: AeadInput,
    direction: number,
  ): Deno.PointerValue {
    const { EVP_CipherInit_ex, EVP_CipherUpdate } = this.#libcrypto;
    const context = this.#contexts[key.length as 16 | 32];
    EVP_CipherInit_ex(context, null, null, key, nonce, direction);
    EVP_CipherUpdate(context, null, this.#length, aad, aad.length);
    return context;
  }

  #update(
    context: Deno.PointerValue,
    from: Uint8Array,
    to: Uint8Array,
  ): boolean {
    const { length } = from;
    if (length === 0) return true;
    const { EVP_CipherUpdate } = this.#libcrypto;
    return EVP_CipherUpdate(context, to, this.#length, from, length) === 1;
  }
}
