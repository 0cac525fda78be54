"""Design-based estimates by domain, with the covariance between the domains that comparisons need."""

from hyteanalysis.survey.estimation import SurveyEstimate, estimate

__all__ = ["SurveyEstimate", "estimate"]
