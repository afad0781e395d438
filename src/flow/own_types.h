// Entity types that belong to a loop of ours. Only that loop writes them, and who may read them is asked apart: the
// standard context API neither takes nor gives them away.
#pragma once

#include "flow/change.h"

namespace cityloop::flow {

inline const Name kFindingType("Finding");
inline const Name kCaseType("Case");
inline const Name kCommandType("Command");
inline const Name kCaseRulesType("CaseRules");
inline const Name kNoticeType("Notice");
inline const Name kActionType("Action");
inline const Name kReceiptType("Receipt");
inline const Name kProposalType("Proposal");
inline const Name kSubscriptionType("Subscription");
inline const Name kRuleScoreType("RuleScore");
inline const Name kSuggestionType("Suggestion");
inline const Name kSuggestionScoreType("SuggestionScore");
inline const Name kForecastType("Forecast");
inline const Name kForecastScoreType("ForecastScore");
inline const Name kForecastContestType("ForecastContest");
inline const Name kForecastModelType("ForecastModel");
inline const Name kRegistrationType("ContextSourceRegistration");
inline const Name kSourceSubscriptionType("ContextSourceSubscription");
inline const Name kTemporalWriteType("TemporalWrite");
inline const Name kPostedType("urn:cityloop:Posted");
inline const Name kNgsiSnapshotType("urn:cityloop:Snapshot");
inline const Name kPublicationType("urn:cityloop:Publication");
inline const Name kCaseCoverType("urn:cityloop:CaseCover");
// How crews work, and what people change of their rosters.
inline const Name kDutyRulesType("urn:cityloop:DutyRules");
inline const Name kDutyChangeType("urn:cityloop:DutyChange");
inline const Name kRoundType("urn:cityloop:Round");
inline const Name kCommentRulingType("urn:cityloop:CommentRuling");
inline const Name kInspectionType("urn:cityloop:Inspection");
inline const Name kCaseExportType("urn:cityloop:CaseExport");
// Which indicators there are, what they come to in each area (twin::History keeps these), and how far they have
// counted.
inline const Name kIndicatorRulesType("urn:cityloop:IndicatorRules");
inline const Name kIndicatorValueType("urn:cityloop:IndicatorValue");
inline const Name kIndicatorBoardType("urn:cityloop:IndicatorBoard");
// A table or self-assessment of a composite index as somebody saved it.
inline const Name kIndexSavingType("urn:cityloop:IndexSaving");

inline bool is_own_type(Name type) {
  return type == kFindingType || type == kCaseType || type == kCommandType || type == kCaseRulesType ||
         type == kNoticeType || type == kActionType || type == kReceiptType || type == kSubscriptionType ||
         type == kRuleScoreType || type == kSuggestionType || type == kSuggestionScoreType || type == kForecastType ||
         type == kForecastScoreType || type == kForecastContestType || type == kForecastModelType ||
         type == kRegistrationType || type == kSourceSubscriptionType || type == kTemporalWriteType ||
         type == kPostedType || type == kNgsiSnapshotType || type == kPublicationType || type == kCaseCoverType ||
         type == kProposalType || type == kCaseExportType || type == kDutyRulesType || type == kDutyChangeType ||
         type == kRoundType || type == kCommentRulingType || type == kInspectionType || type == kIndicatorRulesType ||
         type == kIndicatorValueType || type == kIndicatorBoardType || type == kIndexSavingType;
}

inline bool has_own_type(const std::vector<Name>& types) {
  for (const Name type : types) {
    if (is_own_type(type)) return true;
  }
  return false;
}

}  // namespace cityloop::flow
