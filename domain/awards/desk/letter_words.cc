#include "domain/awards/desk/letter_words.h"

#include <algorithm>

#include "base/refusal.h"
#include "domain/awards/desk/secretariat.h"
#include "domain/awards/trust/receipt.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::refuse;
using base::Result;

constexpr base::Duration kHurryBefore = std::chrono::days(14);

std::string either(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

// What a proposal is called by whoever wrote it.
std::string called(const Proposal& one) {
  if (one.number.empty()) return one.title;
  return one.title.empty() ? one.number : fmt::format("{} {}", one.number, one.title);
}

struct Words {
  Bilingual subject, text;
};

Words receipt_words(const Cycle& cycle, const Proposal& one, const Submission& version, const std::string& address) {
  const std::string at = cycle.local(version.at), digest = trust::fingerprint(version.text);
  const auto receipt = Receipt::parse(version.receipt);
  const std::string place = receipt ? fmt::format("{}", receipt->entry.n) : "";
  const std::string check = fmt::format("cityloop verify receipt.json --log {}/public/v1/awards/log", address);
  Words out{
      {fmt::format("已收到：{}", one.number), fmt::format("Received: {}", one.number)},
      {fmt::format("“{}”第 {} 版已收到。\n收到时间：{}\n内容的 SHA-256：{}", called(one), version.version, at, digest),
       fmt::format("Version {} of \"{}\" was received.\nAt: {}\nSHA-256 of its content: {}", version.version,
                   called(one), at, digest)}};
  if (receipt) {
    out.text.zh += fmt::format("\n在评选公开日志中的序号：{}", place);
    out.text.en += fmt::format("\nIts entry in the award's public log: {}", place);
  }
  out.text.zh += "\n\n请在申报页面下载回执文件并妥善保存：凭回执可以证明收到的内容与时间，无须依赖本系统。";
  out.text.en +=
      "\n\nThe receipt is on the page of your proposal: keep that file. It proves what was received and when, without "
      "trusting this system.";
  if (!address.empty()) {
    out.text.zh += fmt::format("任何人都可以这样核对：\n{}", check);
    out.text.en += fmt::format(" Anybody can check it:\n{}", check);
  }
  return out;
}

Words submit_words(const Cycle& cycle, const Proposal& one) {
  const std::string until = cycle.local(cycle.entry.closes);
  return {{"申报即将截止", "Entries close soon"},
          {fmt::format("“{}”尚未提交，截止时间 {}。", either(one.title, "您的申报"), until),
           fmt::format("{} has not been submitted; entries close at {}.",
                       one.title.empty() ? "Your proposal" : fmt::format("\"{}\"", one.title), until)}};
}

Words question_words(const Cycle& cycle, const Proposal& one) {
  const StageWindow* const window = one.stage == "questioned" ? cycle.stage("questions") : nullptr;
  const std::string until = window && window->when.given() ? cycle.local(window->when.closes) : "";
  return {
      {"请答复秘书处", "The secretariat waits for your answer"},
      {fmt::format("“{}”有待答复的提问{}。", called(one), until.empty() ? "" : fmt::format("，请在 {} 前答复", until)),
       fmt::format("\"{}\" has questions to be answered{}.", called(one),
                   until.empty() ? "" : fmt::format(" before {}", until))}};
}

Words transfer_words(const Cycle& cycle, const Proposal& one, const Transfer& transfer) {
  const std::string until = cycle.local(transfer.announced_at + kTransferNotice);
  const auto name = [&](const std::string& id) {
    const Category* const found = cycle.category(id);
    return found ? found->name : Bilingual{id, id};
  };
  const Bilingual from = name(one.category), to = name(one.transfer_to);
  return {{"拟调整类别，请答复", "Another category: your word is asked"},
          {fmt::format("秘书处拟将“{}”由“{}”调整到“{}”，理由：{}\n\n请在 {} 前同意或提出异议；逾期未答复，可予调整。",
                       called(one), from.zh, to.zh, transfer.note, until),
           fmt::format("The secretariat wishes to move \"{}\" from {} to {}, because: {}\n\nAgree or object before {}; "
                       "without a reply it may be moved.",
                       called(one), from.en, to.en, transfer.note, until)}};
}

Words shortlist_words(const Cycle& cycle, const Proposal& one) {
  if (one.stage == "not_shortlisted")
    return {{"入围结果", "The shortlist"},
            {fmt::format("“{}”未入围。感谢您的参与。", called(one)),
             fmt::format("\"{}\" is not on the shortlist. Thank you for taking part.", called(one))}};
  Words out{{"您已入围", "You are on the shortlist"},
            {fmt::format("祝贺：“{}”已入围。", called(one)),
             fmt::format("Congratulations: \"{}\" is on the shortlist.", called(one))}};
  if (one.stage == "shortlisted" && cycle.confirm_within > base::Duration::zero()) {
    const std::string until = cycle.local(one.shortlisted_at + cycle.confirm_within);
    out.text.zh += fmt::format("请在 {} 前确认，逾期视为放弃。", until);
    out.text.en += fmt::format(" Confirm your place before {}, or it is lost.", until);
  }
  return out;
}

Words confirm_words(const Cycle& cycle, const Proposal& one) {
  const std::string until = cycle.local(one.shortlisted_at + cycle.confirm_within);
  return {{"请确认入围", "Confirm your place on the shortlist"},
          {fmt::format("“{}”已入围，请在 {} 前确认，逾期视为放弃。", called(one), until),
           fmt::format("\"{}\" is on the shortlist: confirm before {}, or the place is lost.", called(one), until)}};
}

Words result_words(const Cycle& cycle, const Proposal& one) {
  if (one.stage == "honoured")
    return {{"评选结果", "The result"},
            {fmt::format("“{}”保留入围荣誉。感谢您的参与。", called(one)),
             fmt::format("\"{}\" keeps the honour of the shortlist. Thank you for taking part.", called(one))}};
  const Bilingual prize = cycle.distinction(one.prize);
  return {{"祝贺获奖", "Congratulations on your award"},
          {fmt::format("“{}”获得“{}”。", called(one), either(prize.zh, prize.en)),
           fmt::format("\"{}\" has been given: {}.", called(one), either(prize.en, prize.zh))}};
}

Result<Words> words(const Cycle& cycle, Book& book, const Proposal& one, const Occasion& occasion,
                    const std::string& address) {
  switch (occasion.kind) {
    case LetterKind::receipt: {
      const auto version = TRY(book.submission(one.id, one.version));
      if (!version) return refuse(Errc::not_found, "没有这一版", "there is no such version");
      return receipt_words(cycle, one, *version, address);
    }
    case LetterKind::submit: return submit_words(cycle, one);
    case LetterKind::questions: return question_words(cycle, one);
    case LetterKind::transfer: return transfer_words(cycle, one, transfer_in(TRY(book.events(one.id))));
    case LetterKind::shortlist: return shortlist_words(cycle, one);
    case LetterKind::confirm: return confirm_words(cycle, one);
    case LetterKind::result: return result_words(cycle, one);
  }
  return refuse(Errc::invalid, "没有这种信函", "there is no such kind of letter");
}

bool any_of(std::string_view stage, std::initializer_list<std::string_view> stages) {
  return std::ranges::find(stages, stage) != stages.end();
}

std::string when(Instant t) {
  return fmt::format("{}", base::to_ms(t));
}

}  // namespace

Result<std::vector<Occasion>> occasions_of(const Cycle& cycle, Book& book, const Proposal& one, Instant now) {
  std::vector<Occasion> out;
  const auto add = [&](LetterKind kind, std::string about, Instant not_after = base::kNever) {
    out.push_back({kind, one.id, std::move(about), not_after});
  };
  if (one.stage == "draft") {
    if (one.number.empty() && cycle.entry.has(now) && cycle.entry.closes - now < kHurryBefore)
      add(LetterKind::submit, when(cycle.entry.closes), cycle.entry.closes);
    return out;
  }
  if (one.version > 0) add(LetterKind::receipt, fmt::format("{}", one.version));
  if (any_of(one.stage, {"asked", "questioned"})) {
    std::int64_t last = 0;
    for (const Question& question : TRY(book.questions(one.id))) last = std::max(last, question.number);
    const StageWindow* const window = one.stage == "questioned" ? cycle.stage("questions") : nullptr;
    const Instant until = window && window->when.given() ? window->when.closes : base::kNever;
    if (until == base::kNever || now < until) add(LetterKind::questions, fmt::format("{}", last), until);
  }
  if (!one.transfer_to.empty() && !has_ended(one.stage)) {
    const Transfer transfer = transfer_in(TRY(book.events(one.id)));
    if (transfer.replied_at == base::kNever) add(LetterKind::transfer, when(transfer.announced_at));
  }
  if (cycle.begun("shortlist", now)) {
    if (one.stage == "not_shortlisted") add(LetterKind::shortlist, "not");
    if (any_of(one.stage, {"shortlisted", "confirmed", "awarded", "honoured", "lost"}))
      add(LetterKind::shortlist, when(one.shortlisted_at));
    const Instant until = one.shortlisted_at + cycle.confirm_within;
    if (one.stage == "shortlisted" && cycle.confirm_within > base::Duration::zero() && now < until)
      add(LetterKind::confirm, when(one.shortlisted_at), until);
  }
  if (any_of(one.stage, {"awarded", "honoured"}) && cycle.begun("results", now)) add(LetterKind::result, one.stage);
  return out;
}

Result<mail::Letter> words_of(const Cycle& cycle, Book& book, const Proposal& one, const Occasion& occasion,
                              const std::string& address) {
  const auto who = TRY(book.applicant(one.applicant));
  if (!who) return refuse(Errc::not_found, "没有这个申报方", "there is no such applicant");
  Words said = TRY(words(cycle, book, one, occasion, address));
  if (!address.empty()) {
    said.text.zh += fmt::format("\n\n申报页面：\n{}/awards/entries/{}", address, one.id);
    said.text.en += fmt::format("\n\nYour proposal:\n{}/awards/entries/{}", address, one.id);
  }
  const std::string person = who->person;
  mail::Letter out;
  out.to = who->email;
  out.language = who->language == "en" ? "en" : "zh";
  out.subject = {fmt::format("{}：{}", either(cycle.name.zh, cycle.name.en), said.subject.zh),
                 fmt::format("{}: {}", either(cycle.name.en, cycle.name.zh), said.subject.en)};
  out.text = {fmt::format("{}{}\n\n{}", person.empty() ? "" : fmt::format("{}：\n\n", person), said.text.zh,
                          either(cycle.organiser.zh, cycle.organiser.en)),
              fmt::format("{}{}\n\n{}", person.empty() ? "" : fmt::format("Dear {},\n\n", person), said.text.en,
                          either(cycle.organiser.en, cycle.organiser.zh))};
  return out;
}

}  // namespace cityloop::awards
