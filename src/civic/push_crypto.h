// What makes a push readable by one browser alone (RFC 8291 over RFC 8188, aes128gcm), and what proves to a push
// service that it comes from this city (VAPID, RFC 8292, ES256).
//
//   PushSender ─ payload ─▶ [encrypt_push, PushKeys] ─ body, Authorization ─▶ push service ─▶ browser
//
// The city's key is made once and kept in the data folder: browsers subscribe to it, so with another one every
// subscription is worthless. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::civic {

// Whether it is a point of P-256, uncompressed, as a browser's p256dh must be; and a secret of 16 bytes.
base::Status check_push_keys(std::string_view p256dh, std::string_view auth);

// A private key of P-256.
class PushKey {
 public:
  static base::Result<PushKey> make();
  static base::Result<PushKey> from_scalar(std::string_view bytes32);  // for known answers
  static base::Result<PushKey> from_pem(const std::string& pem);
  base::Result<std::string> to_pem() const;

  const std::string& public_point() const { return point_; }  // 65 bytes
  base::Result<std::string> shared_secret(std::string_view point) const;
  base::Result<std::string> sign_es256(std::string_view text) const;  // 64 bytes, as JWS has it

 private:
  PushKey(std::shared_ptr<void> key, std::string point) : key_(std::move(key)), point_(std::move(point)) {}
  static base::Result<PushKey> own(void* key);
  std::shared_ptr<void> key_;  // EVP_PKEY
  std::string point_;
};

// The whole body. `sender` must be a key made for this message alone, `salt` 16 random bytes. The payload is filled up
// to a multiple of `fill` bytes, so that its length tells little. Errc::full where it is longer than push services
// must take.
inline constexpr std::size_t kPushPayloadMax = 3'800;
base::Result<std::string> encrypt_push(std::string_view payload, std::string_view p256dh, std::string_view auth,
                                       const PushKey& sender, std::string_view salt, std::size_t fill = 1);
// With a fresh key and salt.
base::Result<std::string> encrypt_push(std::string_view payload, std::string_view p256dh, std::string_view auth);

// "vapid t=…, k=…" for the push service at `origin`; good until `until`, at most a day from now.
base::Result<std::string> vapid_header(const PushKey&, std::string_view origin, std::string_view subject,
                                       base::Instant until);

// The city's key from a file, mode 0600, which is made when there is none.
base::Result<PushKey> open_push_key(const std::string& file);

}  // namespace cityloop::civic
