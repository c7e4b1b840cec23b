// The API's documentation: Swagger UI, over this service's own description of itself.

/* global SwaggerUIBundle */

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger",
  deepLinking: false, // it would put a link inside of each button
  validatorUrl: null, // it would ask another host
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) => {
    request.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf"]').content;
    return request;
  },
});
