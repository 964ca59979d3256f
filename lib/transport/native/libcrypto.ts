/** OpenSSL's libcrypto: what is called of it, AES-GCM. */
import { openLibrary } from "./library.ts";

const SYMBOLS = {
  EVP_CIPHER_CTX_new: { parameters: [], result: "pointer" },
  EVP_aes_128_gcm: { parameters: [], result: "pointer" },
  EVP_aes_256_gcm: { parameters: [], result: "pointer" },
  EVP_CipherInit_ex: {
    parameters: ["pointer", "pointer", "pointer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_CipherUpdate: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_CipherFinal_ex: {
    parameters: ["pointer", "buffer", "buffer"],
    result: "i32",
  },
  EVP_CIPHER_CTX_ctrl: {
    parameters: ["pointer", "i32", "i32", "buffer"],
    result: "i32",
  },
} as const;

export type Libcrypto = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The functions of version 3; nothing where they can't be called. */
export const LIBCRYPTO: Libcrypto | undefined = openLibrary(
  "libcrypto.so.3",
  SYMBOLS,
);
