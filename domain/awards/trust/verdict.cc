#include "domain/awards/trust/verdict.h"

#include <algorithm>
#include <set>

#include "base/text_of_bytes.h"
#include "domain/awards/trust/log_check.h"
#include "trust/key_pair.h"

namespace cityloop::awards {
namespace {

struct NamedReceipt {
  std::string name;
  Receipt receipt;
};

struct NamedHead {
  std::string name;
  TreeHead head;
};

class Judge {
 public:
  explicit Judge(const Evidence& evidence) : evidence_(evidence) {}

  Verdict judge() {
    for (const Evidence::File& file : evidence_.files) sort_out(file);
    say_key();
    for (const NamedReceipt& one : receipts_) judge_receipt(one);
    for (const Evidence::File* file : contents_) judge_content(*file);
    for (const NamedHead& one : heads_) judge_head(one);
    judge_log();
    say_rest();
    return std::move(out_);
  }

 private:
  void say(Holds holds, std::string zh, std::string en) {
    out_.statements.push_back({holds, {.zh = std::move(zh), .en = std::move(en)}});
  }
  void proved(std::string zh, std::string en) { say(Holds::proved, std::move(zh), std::move(en)); }
  void wrong(std::string zh, std::string en) { say(Holds::contradicted, std::move(zh), std::move(en)); }
  void open(std::string zh, std::string en) { say(Holds::not_checked, std::move(zh), std::move(en)); }

  // A file that says that it is one of ours must be one; any other is something that was handed in.
  void sort_out(const Evidence::File& file) {
    const auto json = base::JsonValue::parse(file.bytes);
    const bool receipt = json && json->find("cityloop_receipt"), head = json && json->find("cityloop_head");
    // One that was damaged is told of as such.
    if (!json && file.bytes.find("\"cityloop_receipt\"") != std::string::npos)
      return unreadable(file.name, json.error().message);
    if (!receipt && !head) {
      contents_.push_back(&file);
      return;
    }
    if (receipt) {
      auto read = Receipt::parse(file.bytes);
      if (!read) return unreadable(file.name, read.error().message);
      if (is_key(file.name, read->key)) receipts_.push_back({file.name, *std::move(read)});
    } else {
      const auto read = PublishedHead::parse(file.bytes);
      if (!read) return unreadable(file.name, read.error().message);
      if (is_key(file.name, read->key)) heads_.push_back({file.name, read->head});
    }
  }

  void unreadable(const std::string& name, const std::string& why) {
    wrong(fmt::format("{}：不是完整的回执或树头（{}）。", name, why),
          fmt::format("{}: not a whole receipt or head ({}).", name, why));
  }

  // What another key has signed proves nothing, however well it hangs together.
  bool is_key(const std::string& name, const std::string& key) {
    if (key_.empty()) key_ = evidence_.key.value_or(key);
    if (key == key_) return true;
    wrong(fmt::format("{}：签名所用的公钥不是{}。", name, evidence_.key ? "给定的公钥" : "其他文件的公钥"),
          fmt::format("{}: signed with another key than {}.", name,
                      evidence_.key ? "the one that was given" : "the other files"));
    return false;
  }

  void say_key() {
    if (key_.empty() && evidence_.key) key_ = *evidence_.key;
    if (key_.empty() || evidence_.key) return;
    const std::string fingerprint = hex_of(trust::sha256({key_}));
    open(fmt::format("公钥取自文件本身，请与主办方公布的指纹核对：{}（或用 --key 给出公钥）。", fingerprint),
         fmt::format("The key is the files' own: compare its fingerprint with the one that the city has published: {} "
                     "(or give the key by --key).",
                     fingerprint));
  }

  void judge_receipt(const NamedReceipt& one) {
    const Receipt& receipt = one.receipt;
    if (const auto good = receipt.check(); !good) {
      return wrong(fmt::format("{}：回执不成立（{}）。", one.name, good.error().message),
                   fmt::format("{}: the receipt does not hold ({}).", one.name, good.error().message));
    }
    heads_.push_back({one.name, receipt.head});
    const LogEntry& entry = receipt.entry;
    proved(
        fmt::format("{}：{} 的“{}”（{}）于 {} 收到，在日志第 {} 位，由 {} 签名的树头证明。", one.name, entry.cycle,
                    entry.subject, entry.kind, log_time(entry.at), entry.n, log_time(receipt.head.at)),
        fmt::format("{}: '{}' of {} ({}) was received at {}; it stands at place {} of the log, as the head signed at "
                    "{} proves.",
                    one.name, entry.subject, entry.cycle, entry.kind, log_time(entry.at), entry.n,
                    log_time(receipt.head.at)));
    if (!receipt.content) return;
    if (const auto good = receipt.check_content(); !good)
      wrong(fmt::format("{}：回执中的内容与日志所记不符。", one.name),
            fmt::format("{}: the content in the receipt is not what the log was told of.", one.name));
    else
      proved(fmt::format("{}：回执中的内容与收到时一致。", one.name),
             fmt::format("{}: the content in the receipt is as it was received.", one.name));
  }

  // Whether the receipt tells of this very file: as its content, or by a SHA-256 that stands in its content.
  static bool tells_of(const Receipt& receipt, const std::string& bytes) {
    const Digest sum = trust::sha256({bytes});
    if (receipt.entry.sha256 == sum) return true;
    if (receipt.entry.commitment && receipt.salt && commitment_to(*receipt.salt, bytes) == *receipt.entry.commitment)
      return true;
    return receipt.content && receipt.check_content() && receipt.content->find(hex_of(sum)) != std::string::npos;
  }

  void judge_content(const Evidence::File& file) {
    if (receipts_.empty()) {
      return open(fmt::format("{}：没有回执可供核对。", file.name),
                  fmt::format("{}: there is no receipt to compare it with.", file.name));
    }
    for (const NamedReceipt& one : receipts_) {
      if (!one.receipt.check() || !tells_of(one.receipt, file.bytes)) continue;
      return proved(fmt::format("{}：与 {} 所证明收到的文件逐字节相同。", file.name, one.name),
                    fmt::format("{}: byte for byte the file that {} proves was received.", file.name, one.name));
    }
    const std::string sum = hex_of(trust::sha256({file.bytes}));
    wrong(fmt::format("{}：不是任何回执所证明的文件（SHA-256 {}）：已被改动，或从未提交。", file.name, sum),
          fmt::format("{}: not a file of which a receipt tells (SHA-256 {}): it was altered, or never handed in.",
                      file.name, sum));
  }

  void judge_head(const NamedHead& one) {
    if (std::ranges::any_of(receipts_, [&](const NamedReceipt& r) { return r.name == one.name; })) return;
    if (const auto good = check_head(one.head, key_); !good)
      return wrong(fmt::format("{}：树头的签名不成立。", one.name),
                   fmt::format("{}: the head does not hold ({}).", one.name, good.error().message));
    proved(fmt::format("{}：树头签名成立，含 {} 条，签于 {}。", one.name, one.head.size, log_time(one.head.at)),
           fmt::format("{}: the head is signed; it is of {} entries, at {}.", one.name, one.head.size,
                       log_time(one.head.at)));
  }

  void judge_log() {
    if (evidence_.log) return judge_whole_log();
    for (const NamedHead& one : heads_) {
      const auto growth = evidence_.growths.find(one.head.size);
      if (growth == evidence_.growths.end()) continue;
      const Growth& to = growth->second;
      const bool good = check_head(to.head, key_).has_value() && to.from == one.head.size &&
                        is_consistent(one.head.size, one.head.root, to.head.size, to.head.root, to.proof);
      say_growth(one, to.head, good);
    }
  }

  void judge_whole_log() {
    if (key_.empty()) {
      return open("日志：没有公钥，无法核对（请用 --key 给出）。",
                  "The log: it cannot be checked without its key (give it by --key).");
    }
    const auto check = check_log(*evidence_.log, key_);
    if (!check) {
      return wrong(fmt::format("日志不成立：{}。", check.error().message),
                   fmt::format("The log does not hold: {}.", check.error().message));
    }
    proved(fmt::format("日志：{} 条、{} 个树头，逐条核对无误，最后签于 {}。", check->tree().size(), check->heads(),
                       log_time(check->head()->at)),
           fmt::format("The log: {} entries under {} heads, each as it was signed, the last at {}.",
                       check->tree().size(), check->heads(), log_time(check->head()->at)));
    for (const NamedHead& one : heads_) {
      const bool good = one.head.size <= check->tree().size() && check->tree().root(one.head.size) == one.head.root;
      say_growth(one, *check->head(), good);
    }
  }

  void say_growth(const NamedHead& one, const TreeHead& to, bool good) {
    if (good)
      return proved(fmt::format("{}：日志自此（{} 条）到 {} 条，只增未改。", one.name, one.head.size, to.size),
                    fmt::format("{}: from then on ({} entries) the log has only grown, to {} entries.", one.name,
                                one.head.size, to.size));
    wrong(fmt::format("{}：日志已不含当时签名的 {} 条：有人改写或删去了条目。", one.name, one.head.size),
          fmt::format("{}: the log is no longer the one of {} entries that was signed then: entries were changed or "
                      "taken away.",
                      one.name, one.head.size));
  }

  void say_rest() {
    if (!evidence_.log && evidence_.growths.empty() && !heads_.empty())
      open("未核对日志此后是否只增未改（用 --log 给出其网址或文件夹）。",
           "Not checked: whether the log has only grown since (give its address or folder by --log).");
    if (out_.proved())
      open(
          "不能证明：收到之前发生的事、内容是否属实，以及主办方是否另向他人出示了不同的日志；后者由各方交换所存树头来发"
          "现。",
          "Not proved by this: what happened before it was received, whether the content is true, and that nobody was "
          "shown another log; the last comes to light when people compare the heads that they keep.");
  }

  const Evidence& evidence_;
  Verdict out_;
  std::string key_;
  std::vector<NamedReceipt> receipts_;
  std::vector<NamedHead> heads_;  // the receipts' too, once these hold
  std::vector<const Evidence::File*> contents_;
};

}  // namespace

bool Verdict::contradicted() const {
  return std::ranges::any_of(statements, [](const Statement& one) { return one.holds == Holds::contradicted; });
}

bool Verdict::proved() const {
  return std::ranges::any_of(statements, [](const Statement& one) { return one.holds == Holds::proved; });
}

std::vector<std::uint64_t> sizes_to_ask(const Evidence& evidence) {
  std::set<std::uint64_t> out;
  for (const Evidence::File& file : evidence.files) {
    if (const auto receipt = Receipt::parse(file.bytes)) out.insert(receipt->head.size);
    else if (const auto head = PublishedHead::parse(file.bytes)) out.insert(head->head.size);
  }
  return {out.begin(), out.end()};
}

Verdict judge(const Evidence& evidence) {
  return Judge(evidence).judge();
}

}  // namespace cityloop::awards
