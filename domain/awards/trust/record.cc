#include "domain/awards/trust/record.h"

#include <cassert>
#include <filesystem>

#include "base/file.h"

namespace cityloop::awards {

using base::Errc;
using base::fail;
using base::Result;
using trust::SigningPair;

namespace {

Result<SigningPair> open_key(const std::string& folder) {
  const std::string file = folder + "/log.key", log = folder + "/log.jsonl";
  if (!std::filesystem::exists(file)) {
    if (std::filesystem::exists(log))
      return fail(Errc::corrupt,
                  "the key {} of the award log is gone; put it back from a copy, for nothing else can sign", file);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    TRY(base::write_file_atomic(file, SigningPair::make().pem()));
    TRY(store::flush_folder(folder, {}));
  }
  auto key = SigningPair::from_pem(TRY(base::read_file(file)));
  if (!key) return fail(Errc::corrupt, "{}: {}", file, key.error().message);
  return key;
}

}  // namespace

Result<std::unique_ptr<Record>> Record::open(const std::string& folder, const base::Clock& clock,
                                             store::DiskFaults faults) {
  SigningPair key = TRY(open_key(folder));
  auto log = TRY(MerkleLog::open(folder, std::move(key), clock, std::move(faults)));
  return std::unique_ptr<Record>(new Record(std::move(log)));
}

Receipt Record::receipt_of(Logged logged) const {
  Receipt out;
  out.entry = std::move(logged.entry);
  out.head = std::move(logged.head);
  out.proof = std::move(logged.proof);
  out.key = log_->public_key();
  return out;
}

Result<Receipt> Record::note(const Deed& deed) {
  LogEntry entry{.at = deed.at,
                 .kind = std::string(deed.kind),
                 .cycle = std::string(deed.cycle),
                 .subject = std::string(deed.subject),
                 .by = std::string(deed.by),
                 .sha256 = deed.sealed,
                 .commitment = {}};
  std::string salt;
  if (deed.hidden) {
    salt = deed.salt.empty() ? trust::random_bytes(kSaltBytes) : std::string(deed.salt);
    assert(salt.size() == kSaltBytes);
    entry.commitment = commitment_to(salt, deed.content);
  } else {
    entry.sha256 = trust::sha256({deed.content});
  }
  Receipt out = receipt_of(TRY(log_->append(std::move(entry))));
  if (deed.hidden) out.salt = std::move(salt);
  out.content = deed.content;
  return out;
}

Result<std::string> Record::append(const Received& received) {
  const Deed deed{.kind = received.what,
                  .cycle = received.cycle,
                  .subject = received.subject,
                  .by = received.by,
                  .at = received.at,
                  .content = received.text};
  return TRY(note(deed)).json();
}

Result<Receipt> Record::receipt(std::uint64_t n) const {
  return receipt_of(TRY(log_->find(n)));
}

PublishedHead Record::head() const {
  return {log_->head(), log_->public_key()};
}

Result<Growth> Record::growth(std::uint64_t from) const {
  // The head first: the log may grow in between, and the proof must lead to this one.
  TreeHead head = log_->head();
  auto proof = TRY(log_->consistency(from, head.size));
  return Growth{from, std::move(head), log_->public_key(), std::move(proof)};
}

}  // namespace cityloop::awards
