const oidc = "inboundProtocolConfiguration.oidc";

/** Where the API has the fields of the forms; problems name them so. */
export const paths = {
  name: "name",
  description: "description",
  accessUrl: "accessUrl",
  publicClient: `${oidc}.publicClient`,
  grantTypes: `${oidc}.grantTypes`,
  callbackURLs: `${oidc}.callbackURLs`,
  logoutRedirectURLs: `${oidc}.logoutRedirectURLs`,
  allowedOrigins: `${oidc}.allowedOrigins`,
  pkce: `${oidc}.pkce.mandatory`,
  accessTokenLife: `${oidc}.accessToken.userAccessTokenExpiryInSeconds`,
  refreshTokenLife: `${oidc}.refreshToken.expiryInSeconds`,
  idTokenLife: `${oidc}.idToken.expiryInSeconds`,
  loginPageUrl: "advancedConfigurations.loginPageUrl",
  authorizedScopes: "authorizedScopes",
};

/** Where the API has the steps of a login. */
export const stepsPath = "authenticationSequence.steps";

/** What a refusal is about that says it by its code alone. */
export const taken = { "UE-23409": paths.name };
